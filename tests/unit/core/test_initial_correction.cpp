// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/initial_correction.hpp"

#include <chrono>
#include <vector>

#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using namespace std::chrono_literals;

namespace {

constexpr base::MonoTime start{100s};

engine::AssociationReport report(std::uint32_t requests) {
  engine::AssociationReport r;
  r.ntp.total_tx = requests;
  return r;
}

struct Fixture {
  testing::RememberingLog log;
  core::InitialCorrection initial{{.threshold = base::Seconds{5}, .hosts = {"one.example", "192.0.2.2"}},
                                  log};
};

}  // namespace

TEST_CASE("the hosts of initstepslew are sources like others") {
  const Fixture f;
  const auto sources = f.initial.sources();
  REQUIRE(sources.size() == 2);
  CHECK(sources[0].name == "one.example");
  CHECK(sources[1].name == "192.0.2.2");
}

TEST_CASE("the offset at the start is said in chrony's words") {
  Fixture f;
  f.initial.measured(base::Seconds{-2});
  CHECK(f.log.says("System's initial offset : 2.000000 seconds fast of true (slew)"));
  f.initial.measured(base::Seconds{1e8});
  CHECK(f.log.says("System's initial offset : 100000000.000000 seconds slow of true (step)"));
}

TEST_CASE("initstepslew is over when every host was asked as often as a burst is long, in vain") {
  Fixture f;
  std::vector reports{report(8), report(7)};
  CHECK_FALSE(f.initial.is_hopeless(reports, start));
  reports[1] = report(8);
  CHECK(f.initial.is_hopeless(reports, start + 1s));
  CHECK(f.log.says("No suitable source for initstepslew"));
}

TEST_CASE("a host whose name is not found is not waited for long") {
  Fixture f;
  std::vector reports{report(0)};
  reports[0].activity = engine::Activity::unresolved;
  CHECK_FALSE(f.initial.is_hopeless(reports, start));
  CHECK_FALSE(f.initial.is_hopeless(reports, start + 15s));
  CHECK(f.initial.is_hopeless(reports, start + 16s));
}

TEST_CASE("hosts that answer and disagree have some minutes to come to an agreement") {
  Fixture f;
  std::vector reports{report(9), report(9)};
  reports[1].reach = 1;
  CHECK_FALSE(f.initial.is_hopeless(reports, start));
  CHECK_FALSE(f.initial.is_hopeless(reports, start + 199s));
  CHECK(f.initial.is_hopeless(reports, start + 200s));
}
