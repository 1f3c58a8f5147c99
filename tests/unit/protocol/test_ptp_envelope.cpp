// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/ntp/ptp_envelope.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;
using protocol::open_ptp_envelope;
using protocol::ptp_envelope;
using protocol::ptp_envelope_size;

namespace {

base::Buffer message(std::size_t ntp_size = 48, std::uint8_t domain = 123) {
  const base::Buffer ntp(ntp_size, 0x23);
  const auto envelope = ptp_envelope(ntp, domain);
  base::Buffer datagram{envelope.begin(), envelope.end()};
  datagram.insert(datagram.end(), ntp.begin(), ntp.end());
  return datagram;
}

}  // namespace

TEST_CASE("the octets are those that chrony sends") {
  base::Buffer ntp(48);
  ntp[46] = 1;
  ntp[47] = 7;
  const auto envelope = ptp_envelope(ntp, 123);
  std::array<std::uint8_t, ptp_envelope_size> expected{0x01, 0x02, 0, 104, 123, 0, 0x04};
  expected[30] = 1;
  expected[31] = 7;
  expected[45] = 0x03;
  expected[47] = 56;
  expected[50] = 0x5e;
  expected[53] = 0x01;
  CHECK(envelope == expected);
}

TEST_CASE("what was put in comes out") {
  auto datagram = message();
  auto opened = open_ptp_envelope(datagram, 123);
  REQUIRE(opened);
  CHECK(opened->ntp.size() == 48);
  CHECK(opened->ntp[0] == 0x23);
  CHECK(opened->correction.count() == 0);
  // 1.5 ns, and -1 ns: what transparent clocks have added, in units of 2^-16 ns.
  datagram[13] = 1;
  datagram[14] = 0x80;
  opened = open_ptp_envelope(datagram, 123);
  REQUIRE(opened);
  CHECK(opened->correction.count() == Approx(1.5e-9));
  for (std::size_t i = 8; i < 14; ++i) datagram[i] = 0xff;
  datagram[14] = datagram[15] = 0;
  CHECK(open_ptp_envelope(datagram, 123)->correction.count() == Approx(-1e-9));
}

TEST_CASE("a Sync message and version 2.1 are taken too") {
  auto datagram = message();
  datagram[0] = 0;
  CHECK(open_ptp_envelope(datagram, 123));
  datagram[1] = 0x12;
  datagram[44] = 0x80;
  datagram[45] = 0;
  CHECK(open_ptp_envelope(datagram, 123));
  datagram[5] = 1;
  CHECK_FALSE(open_ptp_envelope(datagram, 123));
}

TEST_CASE("what is no such message, whichever octet is another") {
  const auto good = message();
  for (const std::size_t at : {0U, 1U, 2U, 3U, 4U, 6U, 7U, 44U, 45U, 46U, 47U, 48U, 50U, 53U}) {
    CAPTURE(at);
    auto bad = good;
    bad[at] ^= 0x40;
    CHECK_FALSE(open_ptp_envelope(bad, 123));
  }
  CHECK_FALSE(open_ptp_envelope(good, 124));
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK_FALSE(open_ptp_envelope(base::Bytes{good}.first(size), 123));
}
