// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/nic_table.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using engine::ArrivedPacket;
using engine::NicEntry;
using engine::NicTable;

namespace {

constexpr base::RealTime now{std::chrono::seconds{1795402324}};

NicTable table() {
  return NicTable{{NicEntry{.interface = 2,
                            .known = true,
                            .card = 500s,
                            .system = now,
                            .rate = 1 + 100e-6,
                            .speed = 1000,
                            .tx_compensation = base::Seconds{200e-9},
                            .rx_compensation = base::Seconds{300e-9}},
                   NicEntry{.interface = 3}}};
}

}  // namespace

TEST_CASE("a card's timestamp becomes our clock's time") {
  const auto nics = table();
  const auto left = nics.departure(2, 501s, now + 1s);
  REQUIRE(left);
  CHECK(base::to_seconds(*left - now).count() == Approx(1 - 100e-6 + 200e-9).margin(2e-9));
  const auto earlier = nics.departure(2, 499s, now - 1s);
  REQUIRE(earlier);
  CHECK(base::to_seconds(*earlier - now).count() == Approx(-1 + 100e-6 + 200e-9).margin(2e-9));
}

TEST_CASE("a packet has arrived when its last bit has") {
  const auto nics = table();
  // 48 octets of NTP are 94 on the wire with headers and check sequence: 752 ns at 1 Gbit/s.
  const ArrivedPacket packet{.payload = 48};
  CHECK(base::to_seconds(*nics.arrival(2, 500s, packet, now) - now).count() ==
        Approx(752e-9 - 300e-9).margin(2e-9));
  CHECK(nics.duration(2, packet).count() == Approx(752e-9));
  CHECK(nics.duration(2, {.payload = 48, .ipv6 = true}).count() == Approx(912e-9));
  CHECK(nics.duration(2, {.payload = 48, .layer2_length = 94}).count() == Approx(784e-9));
  CHECK(nics.duration(3, packet).count() == 0);
  CHECK(nics.duration(9, packet).count() == 0);
}

TEST_CASE("what cannot be a time of this packet is none") {
  const auto nics = table();
  CHECK(nics.has(3));
  CHECK_FALSE(nics.departure(3, 500s, now));  // its clock is not known yet
  CHECK_FALSE(nics.has(4));
  CHECK_FALSE(nics.departure(4, 500s, now));
  CHECK_FALSE(nics.departure(2, 0s, now));    // the year 1970
  CHECK_FALSE(nics.departure(2, 537s, now));  // TAI
  CHECK_FALSE(nics.departure(2, base::Duration::max(), now));
  CHECK_FALSE(nics.departure(2, base::Duration::min(), now));
  CHECK_FALSE(nics.arrival(2, 502s, {.payload = 48}, now));
  CHECK(NicTable{}.empty());
}
