// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/source_records.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/engine/discipline/hand.hpp"

namespace gnomon::testing {

namespace {

constexpr base::RealTime start{1'800'000'000s};
constexpr base::MonoTime boot{1000s};
constexpr double noise = 1e-7;  // s
const Timescale timescale(start);

// A source whose clock is ahead by `offset` and gains `drift` s/s, measured every 16 s, with a little noise.
TrackedSource source(int samples, double offset, double drift = 0) {
  config::Source options;
  options.asymmetry = 0.25;
  TrackedSource tracked =
      tracked_source({{5}, options, *base::parse_address("192.0.2.1"), true}, RegressionLimits{});
  for (int i = 0; i < samples; ++i) {
    const Sample s =
        sample({start + i * 16s, boot + i * 16s}, offset + drift * i * 16 + (i % 2 == 0 ? noise : -noise));
    tracked.record.add({s, observation_of(s, timescale)});
  }
  return tracked;
}

const Discipline discipline{Discipline::Settings{}};

}  // namespace

TEST_CASE("a line is recorded with chrony's signs: an offset ahead and a clock that gains are positive") {
  const auto r = statistics_record(source(8, 0.25, 1e-4), std::nullopt, discipline, timescale);
  REQUIRE(r);
  CHECK(r->time == start + 7 * 16s);
  CHECK(base::to_string(r->address) == "192.0.2.1");
  CHECK(r->offset.count() == Approx(-(0.25 + 1e-4 * 7 * 16)).margin(1e-6));
  CHECK(r->frequency == Approx(-1e-4).margin(1e-7));
  CHECK(r->samples == 8);
  CHECK(r->dropped == 0);
  CHECK(r->asymmetry == 0.25);
  CHECK(r->skew > 0);
  CHECK(r->deviation.count() > 0);
}

TEST_CASE("too few samples are no line") {
  CHECK_FALSE(statistics_record(source(2, 0.25), std::nullopt, discipline, timescale));
  CHECK(statistics_record(source(3, 0.25), std::nullopt, discipline, timescale));
}

TEST_CASE("the stress is the change of frequency in units of what was held possible") {
  const auto tracked = source(8, 0.25, 1e-4);
  Estimate before;
  before.has_frequency = true;
  before.frequency = 0.9e-4;
  before.skew = 2e-6;
  CHECK(statistics_record(tracked, before, discipline, timescale)->stress == Approx(5).margin(0.05));
  before.has_frequency = false;
  CHECK(statistics_record(tracked, before, discipline, timescale)->stress ==
        Approx(1e-4 / 2e-3).margin(1e-3));
}

TEST_CASE("samples that were dropped are counted apart") {
  TrackedSource tracked = source(0, 0);
  std::uint32_t dropped = 0;
  for (int i = 0; i < 40 && dropped == 0; ++i) {
    const double bent = i < 20 ? 0 : 1e-3 * (i - 20);
    const Sample s = sample({start + i * 16s, boot + i * 16s}, bent);
    tracked.record.add({s, observation_of(s, timescale)});
    const auto line = tracked.record.estimate();
    if (line && line->dropped > 0) {
      dropped = line->dropped;
      const auto r = statistics_record(tracked, std::nullopt, discipline, timescale);
      CHECK(r->dropped == dropped);
      CHECK(r->samples == line->samples + dropped);
    }
  }
  CHECK(dropped > 0);
}

TEST_CASE("a selection is recorded from our clock's side") {
  TrackedSource tracked = source(4, 0.25);
  tracked.status.reach = 0377;
  Verdict verdict{.source = {5}, .reason = Reason::best};
  verdict.evidence = {.low = base::Seconds{0.2}, .high = base::Seconds{0.3}, .score = 2};
  verdict.effective.prefer = true;
  const base::Now now{start + 60s, boot + 60s};
  const auto r = selection_record(verdict, tracked, now);
  CHECK(r.time == now.real);
  CHECK(r.low.count() == -0.3);
  CHECK(r.high.count() == -0.2);
  CHECK(r.score == 2);
  CHECK(r.reach == 0377);
  CHECK(r.options.prefer);
  CHECK(r.last_sample.count() == Approx(60 - 48));
  CHECK(selection_record(verdict, source(0, 0), now).last_sample.count() == 0);
}

}  // namespace gnomon::testing
