// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/serving/broadcast_packet.hpp"

#include <chrono>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

TEST_CASE("a broadcast packet tells our clock, when it left and how often it comes") {
  constexpr base::RealTime now{1'800'000'000s};
  ServerView view;
  view.leap = base::LeapIndicator::none;
  view.stratum = 2;
  view.reference_time = now - 5s;
  const auto header = *protocol::parse_header(broadcast_packet(view, now, base::Seconds{60}));
  CHECK(header.mode == protocol::Mode::broadcast);
  CHECK(header.version == 4);
  CHECK(header.stratum == 2);
  CHECK(header.poll == 6);
  CHECK(header.transmit == base::to_ntp(now));
  CHECK(header.origin.is_zero());
  CHECK(header.receive.is_zero());
  CHECK(header.reference == base::to_ntp(now - 5s));
}

}  // namespace gnomon::testing
