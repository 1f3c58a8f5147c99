// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/sync_state.hpp"

#include <chrono>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;
using Kind = SyncState::Kind;

namespace {

constexpr base::RealTime now{1'800'000'000s};
const Reference reference{.id = {0xc0000201},
                          .name = "ntp.example",
                          .stratum = 3,
                          .time = now - 10s,
                          .root_delay = base::Seconds{0.02},
                          .error = base::Seconds{1e-5}};
const LocalReference no_local({});

SyncState state(const std::optional<Reference>& known, double dispersion,
                const LocalReference& local = no_local) {
  return sync_state_of(known, base::Seconds{dispersion}, base::LeapIndicator::insert, local, {}, now);
}

}  // namespace

TEST_CASE("a clock with a reference is synchronised until its dispersion reaches 16 s") {
  const SyncState s = state(reference, 0.01);
  CHECK(s.kind == Kind::synchronised);
  CHECK(s.leap == base::LeapIndicator::insert);
  CHECK(s.stratum == 3);
  CHECK(s.reference_id == reference.id);
  CHECK(s.reference_time == now - 10s);
  CHECK(s.root_delay == reference.root_delay);
  CHECK(s.root_dispersion.count() == 0.01);
  CHECK(state(reference, 15.9).kind == Kind::synchronised);
  CHECK(state(reference, 16).kind == Kind::unsynchronised);
  CHECK(state({}, 0).kind == Kind::unsynchronised);
}

TEST_CASE("the local reference takes over where the clock is too far off, and is exact by itself") {
  const LocalReference local(config::Local{.stratum = {8}, .distance = base::Seconds{0.5}});
  CHECK(state(reference, 0.4, local).kind == Kind::synchronised);
  for (const SyncState& s : {state(reference, 0.5, local), state({}, 0, local)}) {
    CHECK(s.kind == Kind::local);
    CHECK(s.stratum == 8);
    CHECK(s.leap == base::LeapIndicator::none);
    CHECK(s.reference_id == base::local_reference_id);
    CHECK(s.reference_time == now - 1s);
    CHECK(s.root_dispersion.count() == 0);
  }
}

TEST_CASE("the operator is told of no reference while there is none") {
  const Discipline discipline(Discipline::Settings{.initial_frequency = -7e-6, .initial_skew = 2e-6});
  const auto without = tracking_report({}, discipline, base::Seconds{0.25});
  CHECK(without.stratum == 0);
  CHECK(without.leap == base::LeapIndicator::unsynchronised);
  CHECK(without.system_time.count() == 0.25);
  CHECK(without.frequency.value == Approx(7));  // the clock is fast
  CHECK(without.skew.value == 0);               // as in chronyd's report
  CHECK_FALSE(without.steering_frozen);
  const auto with = tracking_report(state(reference, 0.01), discipline, {});
  CHECK(with.stratum == 3);
  CHECK(with.name == "ntp.example");
  CHECK(with.root_dispersion.count() == 0.01);
}

TEST_CASE("clients are told the precision as a power of two, and how fast we become less certain") {
  const auto view = server_view_of(state(reference, 0.01), base::Seconds{1e-6}, 5e-6, now);
  CHECK(view.precision == -20);
  CHECK(view.stratum == 3);
  CHECK(view.dispersion_time == now);
  CHECK(view.dispersion_rate == 5e-6);
  const auto without = server_view_of({}, base::Seconds{2}, 5e-6, now);
  CHECK(without.precision == 0);
  CHECK(without.stratum == 16);
  CHECK(without.leap == base::LeapIndicator::unsynchronised);
  CHECK(without.dispersion_rate == 0);
}

TEST_CASE("the kernel is told an error of at most 16 s, and a leap second only of a synchronised clock") {
  const auto good = kernel_status(state(reference, 0.01), base::LeapIndicator::remove, 37);
  CHECK(good.leap == base::LeapIndicator::remove);
  CHECK(good.tai_offset == 37);
  CHECK(good.max_error == 20ms);
  CHECK(good.estimated_error == 10us);
  const LocalReference local(config::Local{});
  for (const auto& s : {SyncState{}, state({}, 0, local)}) {
    const auto bad = kernel_status(s, base::LeapIndicator::remove, 37);
    CHECK(bad.leap == base::LeapIndicator::unsynchronised);
    CHECK(bad.tai_offset == 0);
    CHECK(bad.max_error == 16s);
  }
}

}  // namespace gnomon::testing
