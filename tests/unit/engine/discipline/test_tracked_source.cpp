// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/tracked_source.hpp"

#include <chrono>

#include "daemon/core/engine/values/reference_id.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/discipline/hand.hpp"

namespace gnomon::testing {

namespace {

constexpr base::RealTime start{1'800'000'000s};
constexpr base::MonoTime boot{1000s};

TrackedSource source(const config::Source& options = {}, int samples = 0) {
  TrackedSource tracked =
      tracked_source({{5}, options, *base::parse_address("192.0.2.1"), true}, RegressionLimits{});
  for (int i = 0; i < samples; ++i) {
    const Sample s = sample({start + i * 16s, boot + i * 16s}, 0.25);
    tracked.record.add({s, observation_of(s, Timescale(start))});
  }
  return tracked;
}

ClockMoment moment(base::Duration after) {
  return {.now = {start + after, boot + after}, .local = LocalTime{after}, .frequency = 1e-6, .skew = 1e-5};
}

}  // namespace

TEST_CASE("a candidate without samples is what the options and the association say") {
  config::Source options;
  options.prefer = options.require = true;
  TrackedSource tracked = source(options);
  tracked.status = {
      .reach = 7, .unreachable_too_long = true, .awaited_until = boot + 5s, .ready_at = boot + 7s};
  tracked.score = 3;
  const Candidate c = candidate_of(tracked, 2, moment(4s));
  CHECK(c.id == base::SourceId{5});
  CHECK(c.prefer);
  CHECK(c.require);
  CHECK_FALSE(c.trust);
  CHECK(c.authenticated);
  CHECK(c.reach == 7);
  CHECK(c.unreachable_too_long);
  CHECK(c.samples_needed == 2);
  CHECK(c.samples == 0);
  CHECK(c.score == 3);
  CHECK(c.ready_in == 3s);
  CHECK_FALSE(candidate_of(tracked, 2, moment(5s)).ready_in);
  tracked.status.ready_at.reset();
  CHECK(candidate_of(tracked, 2, moment(4s)).ready_in == 0s);
}

TEST_CASE("a candidate's offset is that of now, and its distance grows with age") {
  const TrackedSource tracked = source({}, 4);
  const Candidate c = candidate_of(tracked, 3, moment(48s));
  CHECK(c.samples == 4);
  CHECK(c.offset.count() == Approx(0.25));
  CHECK(c.last_sample == 0s);
  CHECK(c.first_sample == 48s);
  CHECK(c.distance.count() == Approx(1e-3 + 1e-4 + 1e-6).margin(1e-6));
  CHECK(c.address_id == reference_id_of(*base::parse_address("192.0.2.1")));
  ClockMoment later = moment(1048s);
  later.wander = 50e-6;
  const Candidate aged = candidate_of(tracked, 3, later);
  CHECK(aged.last_sample == 1000s);
  CHECK(aged.distance.count() >= c.distance.count() + 0.05);
}

TEST_CASE("a source that has no frequency yet goes on at ours") {
  const TrackedSource tracked = source({}, 1);
  const Candidate c = candidate_of(tracked, 3, moment(1000s));
  CHECK(c.frequency == 1e-6);
  CHECK(c.offset.count() == Approx(0.251));
  CHECK(c.distance.count() > 0.01);  // at the clock's skew
}

TEST_CASE("statistics count a clock that is ahead positive") {
  const Discipline discipline(Discipline::Settings{.initial_frequency = 1e-6});
  const Timescale timescale(start);
  CHECK(statistics_of(source().record, discipline, timescale, LocalTime{}).samples == 0);
  const auto s = statistics_of(source({}, 4).record, discipline, timescale, LocalTime{48s});
  CHECK(s.samples == 4);
  CHECK(s.span.count() == 48);
  CHECK(s.measured_offset.count() == -0.25);
  CHECK(s.estimated_offset.count() == Approx(-0.25));
  CHECK(s.adjusted_offset.count() == Approx(-0.25));
  CHECK(s.residual_frequency.value == Approx(1));
  CHECK(s.error.count() == Approx(1e-4 + 1e-6 + 1e-3));
}

TEST_CASE("dropped samples leave nothing to be used") {
  TrackedSource tracked = source({}, 4);
  tracked.fresh = 2;
  tracked.restored = true;
  tracked.drop_samples();
  CHECK(tracked.fresh == 0);
  CHECK_FALSE(tracked.restored);
  CHECK(candidate_of(tracked, 3, moment(48s)).samples == 0);
}

}  // namespace gnomon::testing
