// SPDX-License-Identifier: GPL-2.0-or-later
// The words themselves are the engine's, and tested there.
#include "daemon/core/source_reports.hpp"

#include "daemon/core/engine/text/messages.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/discipline/hand.hpp"

using namespace gnomon;
using testing::Hand;

namespace {

engine::AssociationReport online(std::uint32_t id) {
  engine::AssociationReport report;
  report.id = {id};
  report.name = "ntp.example";
  report.activity = engine::Activity::online;
  return report;
}

}  // namespace

TEST_CASE("a source's verdict and statistics are those that the timekeeper has of it") {
  Hand hand{{}};
  for (int i = 0; i < 8; ++i) static_cast<void>(hand.give(0.01));
  const auto reports = core::source_reports({online(1)}, hand.timekeeper, hand.now);
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].association.name == "ntp.example");
  CHECK(reports[0].verdict.source == base::SourceId{1});
  CHECK(reports[0].verdict.reason == engine::Reason::best);
  CHECK(reports[0].reason == engine::name_of(engine::Reason::best));
  CHECK_FALSE(reports[0].explanation.empty());
  CHECK(reports[0].statistics.samples > 0);
  CHECK(reports[0].statistics.samples == hand.timekeeper.statistics({1}, hand.now).samples);
}

TEST_CASE("a source that the timekeeper does not know has a verdict of its own id and no statistics") {
  Hand hand{{}};
  auto unresolved = online(9);
  unresolved.activity = engine::Activity::unresolved;
  const auto reports = core::source_reports({unresolved, online(1)}, hand.timekeeper, hand.now);
  REQUIRE(reports.size() == 2);
  CHECK(reports[0].verdict.source == base::SourceId{9});
  CHECK(reports[0].statistics.samples == 0);
  CHECK(reports[1].association.id == base::SourceId{1});
}

TEST_CASE("the situation is explained by the same verdicts, with the error that the clock may have") {
  Hand hand{{}};
  for (int i = 0; i < 8; ++i) static_cast<void>(hand.give(0.01));
  const auto tracking = hand.timekeeper.tracking(hand.now);
  const auto report =
      core::explain_report({online(1)}, hand.timekeeper, tracking, {.steered = true, .refusal = {}});
  CHECK(report.situation.synchronised);
  CHECK(report.error_bound == engine::error_bound(tracking));
  REQUIRE(report.sources.size() == 1);
  CHECK(report.sources[0].verdict.reason == engine::Reason::best);
  CHECK(report.notices.empty());
}

TEST_CASE("without a source that can be used, each is explained, and the clock is not synchronised") {
  Hand hand{{}};
  const auto report = core::explain_report({online(1)}, hand.timekeeper, hand.timekeeper.tracking(hand.now),
                                           {.steered = true, .refusal = {}});
  CHECK_FALSE(report.situation.synchronised);
  CHECK_FALSE(report.error_bound);
  CHECK(report.sources.size() == 1);
}
