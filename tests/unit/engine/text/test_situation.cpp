// SPDX-License-Identifier: GPL-2.0-or-later
// The clock as a whole in words: one cause and one remedy, whatever the sources are.
#include "daemon/core/engine/text/situation.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

namespace {

ExplainedSource source(const char* name, Reason reason, SourceState state = SourceState::unselectable) {
  ExplainedSource made;
  made.report.name = name;
  made.report.address = *base::parse_address("192.0.2.1");
  made.verdict.state = state;
  made.verdict.reason = reason;
  made.report.reach = 0xff;
  made.explanation = explain_source(made.verdict, made.report, {});
  return made;
}

ExplainedSource silent(const char* name) {
  auto made = source(name, Reason::missing_samples);
  made.report.ntp.total_tx = 8;
  made.explanation = explain_source(made.verdict, made.report, {});
  return made;
}

TrackingReport following(const char* name) {
  TrackingReport tracking;
  tracking.reference_id = {0xC0000201};
  tracking.name = name;
  tracking.stratum = 3;
  tracking.leap = base::LeapIndicator::none;
  tracking.from_source = true;
  tracking.root_delay = base::Seconds{0.002};
  tracking.root_dispersion = base::Seconds{0.0005};
  return tracking;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a synchronised clock says whom it follows and how wrong it may be") {
  const std::vector sources{source("a", Reason::best, SourceState::selected),
                            source("b", Reason::combined, SourceState::combined)};
  const auto made = situation_of(following("a"), {}, sources, {});
  CHECK(made.synchronised);
  CHECK(made.state == "synchronised");
  CHECK(made.summary ==
        "The clock is synchronised. It follows a and another source that agrees with it, at stratum 3, and "
        "is at "
        "most 1.5 ms wrong.");
  CHECK(made.remedy.empty());
}

TEST_CASE("who follows stratum 15 is followed by nobody") {
  const std::vector sources{source("a", Reason::best, SourceState::selected)};
  auto tracking = following("a");
  tracking.stratum = 15;
  CHECK_FALSE(contains(situation_of(tracking, {}, sources, {}).summary, "Nobody can follow"));
  tracking.stratum = 16;
  CHECK(contains(situation_of(tracking, {}, sources, {}).summary,
                 "Nobody can follow this clock: its source has stratum 15, the last one."));
}

TEST_CASE(
    "a clock that is only measured is another program's to correct, and one that nobody corrects is told") {
  const std::vector sources{source("a", Reason::best, SourceState::selected)};
  auto tracking = following("a");
  tracking.system_time = base::Seconds{0.0002};
  const auto kept = situation_of(tracking, {}, sources, {.steered = false});
  CHECK(
      contains(kept.summary,
               "200 us of it measured and not corrected. gnomond only measures (-x): another program has to "
               "correct the clock."));
  CHECK(kept.remedy.empty());
  tracking.system_time = base::Seconds{3};
  const auto left_alone = situation_of(tracking, {}, sources, {.steered = false});
  CHECK(contains(left_alone.summary, "another program has to correct the clock, and none seems to."));
  CHECK(contains(left_alone.remedy, "without -x"));
}

TEST_CASE("sources that disagree with those that are trusted are told, where they are not fewer") {
  const std::vector sources{source("a", Reason::best, SourceState::selected),
                            source("b", Reason::falseticker, SourceState::falseticker)};
  const SelectionOutcome outcome{.consensus = Consensus{1, 2, {}, {}}};
  const auto made = situation_of(following("a"), outcome, sources, {});
  CHECK(contains(made.summary, " 1 of 2 sources disagree with those that are trusted."));
  CHECK(contains(made.remedy, "Find out who is right"));
  CHECK(situation_of(following("a"), {.consensus = Consensus{2, 3, {}, {}}}, sources, {}).remedy.empty());
}

TEST_CASE("sources that are only less exact than the trusted ones are said to disagree by nobody") {
  const std::vector sources{source("a", Reason::best, SourceState::selected),
                            source("b", Reason::not_agreed_by_trusted),
                            source("c", Reason::not_agreed_by_trusted)};
  const auto made = situation_of(following("a"), {.consensus = Consensus{1, 3, {}, {}}}, sources, {});
  CHECK_FALSE(contains(made.summary, "disagree"));
  CHECK(made.remedy.empty());
}

TEST_CASE("sources that are followed and are not asked, or answer no more, are told, with what to do") {
  std::vector sources{source("a", Reason::best, SourceState::selected),
                      source("b", Reason::combined, SourceState::combined)};
  sources[0].report.is_offline = true;
  CHECK(situation_of(following("a"), {}, sources, {}).remedy.empty());
  sources[1].report.reach = 0;
  const auto offline = situation_of(following("a"), {}, sources, {});
  CHECK(contains(offline.summary,
                 "wrong. None of them is asked, as they are offline or silent, so this bound grows."));
  CHECK(contains(offline.remedy, "`gnomonctl online`"));
  sources[0].report.is_offline = false;
  sources[0].report.reach = 0;
  CHECK(contains(situation_of(following("a"), {}, sources, {}).summary, "None of them answers any more, so"));
  CHECK(contains(situation_of(following("a"), {}, std::vector{sources[0]}, {}).summary,
                 "It does not answer any more"));
}

TEST_CASE("four sources that contradict each other are not told to be four") {
  auto sources = std::vector{source("a", Reason::falseticker, SourceState::falseticker)};
  CHECK(contains(situation_of({}, {.disagreement = Disagreement{1, 3, false}}, sources, {}).remedy, "four"));
  CHECK_FALSE(
      contains(situation_of({}, {.disagreement = Disagreement{2, 4, false}}, sources, {}).remedy, "four"));
}

TEST_CASE("where no source may be selected, it is told by what") {
  auto by_option = source("a", Reason::no_select);
  by_option.report.select_options.no_select = true;
  const auto option = situation_of({}, {}, std::vector{by_option}, {});
  CHECK(option.summary == "The clock is not synchronised. All sources have the option noselect.");
  const auto mode = situation_of({}, {}, std::vector{source("a", Reason::no_select)}, {});
  CHECK(contains(mode.summary, "authselectmode lets only authenticated sources be used, and none is."));
}

TEST_CASE("what is still to be corrected is part of the bound, and named") {
  auto tracking = following("a");
  tracking.system_time = base::Seconds{-0.0002};
  const std::vector sources{source("a", Reason::best, SourceState::selected)};
  CHECK(contains(situation_of(tracking, {}, sources, {}).summary, "1.5 ms wrong, 200 us of it still"));
}

TEST_CASE("a clock without a source is still synchronised while its bound holds, and says what is missing") {
  const std::vector sources{silent("a")};
  const auto made = situation_of(following("a"), {}, sources, {});
  CHECK(made.synchronised);
  CHECK(made.cause == "holdover");
  CHECK(contains(made.summary, "grows until"));
  CHECK(contains(made.summary, "has not answered any of 8 requests"));
  CHECK(contains(made.remedy, "UDP port 123"));
}

TEST_CASE("no sources, none that count, and the commonest cause") {
  CHECK(situation_of({}, {}, {}, {}).cause == "no_sources");
  const std::vector excluded{source("a", Reason::no_select)};
  CHECK(situation_of({}, {}, excluded, {}).cause == "no_select");
  const std::vector mixed{source("a", Reason::stale), silent("b"), silent("c"),
                          source("d", Reason::no_select)};
  const auto made = situation_of({}, {}, mixed, {});
  CHECK_FALSE(made.synchronised);
  CHECK(made.cause == "no_answer");
  CHECK(contains(made.summary, "None of the 3 sources can be used, 2 of them for this reason: b"));
  CHECK(made.remedy ==
        "Check that it is up and that UDP port 123 is open towards it; `gnomonctl probe b` looks closer.");
}

TEST_CASE("key exchanges that failed for different reasons are different causes") {
  const auto failed = [](const char* name, const char* reason) {
    auto made = source(name, Reason::missing_samples);
    made.report.auth = {.mode = AuthMode::nts, .ke_attempts = 2, .last_failure = reason};
    made.explanation = explain_source(made.verdict, made.report, {});
    return made;
  };
  const std::vector sources{failed("a", "certificate has expired"), failed("b", "timed out"),
                            failed("c", "timed out")};
  CHECK(contains(situation_of({}, {}, sources, {}).summary,
                 "2 of them for this reason: b (192.0.2.1) has no NTS keys: the key exchange failed 2 times: "
                 "timed out."));
}

TEST_CASE("sources that contradict each other are told with their offsets") {
  auto one = source("a", Reason::falseticker, SourceState::falseticker);
  auto other = source("b", Reason::falseticker, SourceState::falseticker);
  one.verdict.evidence.offset = base::Seconds{-0.012};
  other.verdict.evidence.offset = base::Seconds{3};
  const std::vector sources{one, other};
  const auto made = situation_of({}, {.disagreement = Disagreement{1, 2, false}}, sources, {});
  CHECK(made.cause == "no_majority");
  CHECK(contains(made.summary, "1 of 2 agree"));
  CHECK(contains(made.summary, "-12.0 ms a (192.0.2.1), +3.000 s b (192.0.2.1)"));
}

TEST_CASE("a clock that cannot be steered comes before everything about sources") {
  const std::vector sources{source("a", Reason::best, SourceState::selected)};
  auto tracking = following("a");
  tracking.steering_refused = true;
  const auto refused = situation_of(tracking, {}, sources, {.refusal = "not permitted"});
  CHECK_FALSE(refused.synchronised);
  CHECK(refused.cause == "clock_refused");
  CHECK(contains(refused.summary, "not permitted"));
  CHECK(contains(refused.remedy, "CAP_SYS_TIME"));
  tracking.steering_frozen = true;
  CHECK(situation_of(tracking, {}, sources, {}).cause == "steering_frozen");
}

TEST_CASE("a start that takes its course needs patience and no remedy of the network") {
  auto begun = source("a", Reason::missing_samples);
  begun.report.ntp.total_tx = 1;
  begun.report.ntp.total_rx = begun.report.ntp.total_good_rx = 1;
  begun.verdict.evidence.limit = 3;
  begun.explanation = explain_source(begun.verdict, begun.report, {});
  const std::vector sources{silent("b"), silent("c"), begun};
  CHECK(situation_of({}, {}, sources, {}).cause == "gathering");
  CHECK(situation_of({}, {}, sources, {}).remedy.find("iburst") != std::string::npos);
  begun.report.burst_at_start = true;
  CHECK(situation_of({}, {}, std::vector{begun}, {}).remedy.empty());  // it has that option
  begun.report.burst_at_start = false;
  begun.report.clock_id = {1};
  CHECK(situation_of({}, {}, std::vector{begun}, {}).remedy.empty());  // a reference clock has no such option
  const std::vector waits{source("a", Reason::waits_for_others, SourceState::selectable), silent("b")};
  CHECK(situation_of({}, {}, waits, {}).cause == "waits_for_others");
  const std::vector chosen{source("a", Reason::best, SourceState::selected)};
  CHECK(situation_of({}, {}, chosen, {}).cause == "correcting");
  const auto measured = situation_of({}, {}, chosen, {.steered = false});
  CHECK(measured.cause == "only_measured");
  CHECK_FALSE(contains(measured.summary, "under way"));
  CHECK(contains(measured.summary, "(-x)"));
}

TEST_CASE("where a required source is missing, what keeps that one out is the cause") {
  auto expired = source("a", Reason::missing_samples);
  expired.report.auth = {.mode = AuthMode::nts, .ke_attempts = 1, .last_failure = "certificate has expired"};
  expired.report.auth.failure_text = "certificate: certificate has expired (yesterday). Renew it";
  expired.verdict.effective.require = true;
  expired.explanation = explain_source(expired.verdict, expired.report, {});
  const SelectionOutcome outcome{.lack = Lack::required};
  auto good = source("b", Reason::waits_for_more, SourceState::selectable);
  good.explanation = explain_source(good.verdict, good.report, outcome);
  CHECK(contains(good.explanation.what, "authselectmode is mix"));
  const auto implied = situation_of({}, outcome, std::vector{expired, good}, {});
  CHECK(implied.cause == "ke_failed");
  CHECK(contains(implied.summary, "b (192.0.2.1) is good, but authselectmode mix uses it only beside"));
  CHECK(contains(implied.summary, "certificate has expired (yesterday)."));
  CHECK(implied.remedy == "Renew it.");
  expired.report.select_options.require = true;
  CHECK(contains(situation_of({}, outcome, std::vector{expired, good}, {}).summary, "the option require"));
}

TEST_CASE("what makes sources required is seen from all of them") {
  auto by_option = source("a", Reason::missing_samples);
  by_option.verdict.effective.require = by_option.report.select_options.require = true;
  auto by_mode = source("b", Reason::missing_samples);
  by_mode.verdict.effective.require = true;
  const auto plain = source("c", Reason::waits_for_more, SourceState::selectable);
  CHECK(requirement_of(std::vector{plain}) == Requirement::unknown);
  CHECK(requirement_of(std::vector{by_option, plain}) == Requirement::option);
  CHECK(requirement_of(std::vector{plain, by_mode}) == Requirement::mode);
  CHECK(requirement_of(std::vector{by_option, by_mode, plain}) == Requirement::either);
  by_mode.verdict.reason = Reason::no_select;  // which is required of nobody
  CHECK(requirement_of(std::vector{by_option, by_mode}) == Requirement::option);
}

TEST_CASE("our own time served is not synchronised") {
  TrackingReport tracking;
  tracking.leap = base::LeapIndicator::none;
  tracking.reference_id = base::local_reference_id;
  tracking.stratum = 10;
  const auto made = situation_of(tracking, {}, {}, {});
  CHECK_FALSE(made.synchronised);
  CHECK(made.state == "local");
  CHECK(contains(made.summary, "stratum 10"));
  CHECK(made.remedy.empty());  // a network of its own is meant to have none
}

}  // namespace gnomon::testing
