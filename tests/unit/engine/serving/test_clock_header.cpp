// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/serving/clock_header.hpp"

#include <chrono>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

namespace {

constexpr base::RealTime now{1'800'000'000s};

ServerView view_of(std::uint8_t stratum) {
  ServerView view;
  view.leap = base::LeapIndicator::insert;
  view.stratum = stratum;
  view.precision = -25;
  view.root_delay = base::Seconds{0.25};
  view.root_dispersion = base::Seconds{0.5};
  view.dispersion_time = now;
  view.dispersion_rate = 1e-3;
  view.reference_id = {0x0a000001};
  view.reference_time = now - 20s;
  return view;
}

}  // namespace

TEST_CASE("a header tells our clock as it is by now") {
  const auto header = clock_header(view_of(3), now + 100s);
  CHECK(header.leap == base::LeapIndicator::insert);
  CHECK(header.stratum == 3);
  CHECK(header.precision == -25);
  CHECK(header.root_delay.seconds().count() == Approx(0.25));
  CHECK(header.root_dispersion.seconds().count() == Approx(0.6).epsilon(1e-3));
  CHECK(header.reference_id == base::ReferenceId{0x0a000001});
  CHECK(header.reference == base::to_ntp(now - 20s));
  CHECK(header.transmit.is_zero());
}

TEST_CASE("the reference time of our own clock goes with it, without another view") {
  auto view = view_of(10);
  view.own_clock = true;
  CHECK(clock_header(view, now + 300ms).reference == base::to_ntp(now - 1s));
  CHECK(clock_header(view, now + 3h + 300ms).reference == base::to_ntp(now + 3h - 1s));
}

TEST_CASE("a clock that is not synchronised travels as stratum 0, without a reference time") {
  auto view = view_of(16);
  view.leap = base::LeapIndicator::unsynchronised;
  const auto header = clock_header(view, now);
  CHECK(header.stratum == 0);
  CHECK(header.reference.is_zero());
}

TEST_CASE("peers are told the time that is right, and clients the smoothed one") {
  auto view = view_of(2);
  view.served = {.smoothed = true, .at = now, .rest = base::Seconds{0.5}, .curve = {.offset = 0.25}};
  CHECK(served(view, now) == now + 750ms);
  CHECK(served_header(view, now).reference == base::to_ntp(now - 20s + 750ms));
  CHECK(clock_header(view, now).reference == base::to_ntp(now - 20s + 500ms));
}

}  // namespace gnomon::testing
