// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/reference.hpp"

#include <chrono>

#include "tests/unit/catch.hpp"
#include "tests/unit/engine/discipline/hand.hpp"

namespace gnomon::testing {

namespace {

constexpr base::Now now{base::RealTime{1'800'000'000s}, base::MonoTime{100s}};

TrackedSource source_with_sample(const config::Source& source, std::uint8_t stratum) {
  TrackedSource tracked =
      tracked_source({{1}, source, *base::parse_address("192.0.2.1"), false}, RegressionLimits{});
  Sample s = sample(now, 0);
  s.stratum = {stratum};
  s.reference_id = {0x0a000009};
  tracked.record.add({s, observation_of(s, Timescale(now.real))});
  return tracked;
}

constexpr Combined combined{.at = LocalTime{7s}, .error = base::Seconds{1e-5}};

}  // namespace

TEST_CASE("our clock is one stratum below its source, and as far from the root as both ways together") {
  config::Source source;
  source.name = "ntp.example";
  const auto r = reference_of(source_with_sample(source, 2), combined, base::LeapIndicator::insert, now.real);
  CHECK(r.stratum == 3);
  CHECK(r.id.value == 0xc0000201);
  CHECK(r.name == "ntp.example");
  CHECK(r.leap == base::LeapIndicator::insert);
  CHECK(r.time == now.real);
  CHECK(r.at == LocalTime{7s});
  CHECK(r.root_delay.count() == Approx(2e-3));
  CHECK(r.root_dispersion.count() == Approx(1e-4 + 1e-6 + 1e-5));
  CHECK(reference_of(source_with_sample(source, 16), combined, {}, now.real).stratum == 16);
}

TEST_CASE("with copy we are the same as our source") {
  config::Source source;
  source.copy = true;
  const auto r = reference_of(source_with_sample(source, 2), combined, {}, now.real);
  CHECK(r.stratum == 2);
  CHECK(r.id.value == 0x0a000009);
}

TEST_CASE("what is known of our clock becomes less certain with time, and by what is still to be corrected") {
  const Reference r{
      .at = LocalTime{100s}, .root_delay = base::Seconds{0.02}, .root_dispersion = base::Seconds{0.001}};
  CHECK(r.dispersion(LocalTime{100s}, 1e-6, {}).count() == Approx(0.001));
  CHECK(r.dispersion(LocalTime{1100s}, 1e-6, {}).count() == Approx(0.002));
  CHECK(r.dispersion(LocalTime{1100s}, 1e-6, base::Seconds{-0.5}).count() == Approx(0.502));
  CHECK(r.dispersion(LocalTime{50s}, 1e-6, {}).count() == Approx(0.001));
  CHECK(r.root_distance(base::Seconds{0.002}).count() == Approx(0.012));
}

}  // namespace gnomon::testing
