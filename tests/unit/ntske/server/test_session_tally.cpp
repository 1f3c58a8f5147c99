// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/server/session_tally.hpp"

#include <numeric>

#include "ipc/codec.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using ipc::SessionEnd;

TEST_CASE("sessions of one client that ended alike are told as one") {
  ntske::SessionTally tally;
  const auto client = *base::parse_address("192.0.2.1");
  tally.add({client, 1}, SessionEnd::served);
  tally.add({client, 2}, SessionEnd::served);
  tally.add({client, 3}, SessionEnd::timeout);
  const auto told = tally.take().sessions;
  REQUIRE(told.size() == 2);
  CHECK(told[0].count == 2);
  CHECK(told[0].client == base::Endpoint{client, 2});
  CHECK(told[1].how == SessionEnd::timeout);
  CHECK(tally.empty());
}

TEST_CASE("of more clients than a message holds none is lost") {
  ntske::SessionTally tally;
  for (std::uint8_t high = 0; high < 4; ++high)
    for (int low = 0; low < 250; ++low) {
      const std::array<std::uint8_t, 4> octets{192, 0, high, static_cast<std::uint8_t>(low)};
      tally.add({base::from_octets(octets), 9}, low % 2 == 0 ? SessionEnd::served : SessionEnd::internal);
    }
  const auto message = tally.take();
  CHECK(message.sessions.size() <= ipc::SessionsEnded::most);
  CHECK(ipc::encode(message, 0).size() <= ipc::max_frame_size);
  const auto all = std::accumulate(message.sessions.begin(), message.sessions.end(), std::uint32_t{0},
                                   [](std::uint32_t sum, const auto& each) { return sum + each.count; });
  CHECK(all == 1000);
}
