// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/core_channel.hpp"

#include "base/os/channel.hpp"
#include "ipc/codec.hpp"
#include "ipc/launcher_messages.hpp"
#include "ipc/reload_messages.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/remembering_log.hpp"

using namespace gnomon;

TEST_CASE("what a core says last is heard, though it ends with something unread") {
  testing::RememberingLog log;
  launcher::CoreChannel channel{log};
  auto ends = base::make_channel();
  REQUIRE(ends);
  channel.open(std::move(ends->ours));
  REQUIRE(base::send_datagram(ends->theirs.get(), ipc::encode(ipc::Finished{3}, 0)));
  REQUIRE(channel.tell(ipc::encode(ipc::ConfigurationUsed{}, 0)));
  ends->theirs.close();
  launcher::CoreChannel::Buffer buffer{};
  const auto heard = channel.receive(buffer);
  REQUIRE((heard && *heard));
  CHECK((*heard)->type == ipc::MessageType::finished);
  REQUIRE(channel.has_more());
  CHECK_FALSE(*channel.receive(buffer));
  CHECK_FALSE(channel.is_open());
}
