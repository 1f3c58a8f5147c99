// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/command_messages.hpp"

#include "ipc/codec.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/ipc/round_trip.hpp"

using namespace gnomon;
using namespace gnomon::ipc;
using namespace gnomon::testing;

TEST_CASE("commands and their replies pass unchanged, up to the longest") {
  const auto request = round_trip(CommandRequest{.user = 4'294'967'294, .octets = base::Buffer(860, 7)});
  CHECK(request.user == 4'294'967'294);
  CHECK(request.octets == base::Buffer(860, 7));
  CHECK(refused(CommandRequest{.user = 0, .octets = base::Buffer(861)}));
  CHECK(round_trip(CommandReply{}).octets.empty());
  CHECK(round_trip(CommandReply{base::Buffer(860, 9)}).octets == base::Buffer(860, 9));
  CHECK(refused(CommandReply{base::Buffer(861)}));
}
