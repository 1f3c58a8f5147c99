// SPDX-License-Identifier: GPL-2.0-or-later
// The client role in this process, so that its time limit can be short.
#include <sys/socket.h>

#include <optional>

#include "base/os/channel.hpp"
#include "base/os/clocks.hpp"
#include "helpers/ntske/client/client_role.hpp"
#include "ipc/codec.hpp"
#include "tests/interop/programs/ntske/certificates.hpp"
#include "tests/interop/programs/ntske/role_process.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::testing;

TEST_CASE("a server that never answers is given up at the limit, and the message says where it hung") {
  const TemporaryFolder folder;
  const Authority authority{folder};
  const auto silent = listen_on_loopback();  // the kernel accepts, nobody answers
  ipc::KeClientSetup setup;
  setup.system_certificates = false;
  setup.trusted = {{.set = 0, .path = authority.certificate_file()}};
  std::vector<std::string> warnings;
  auto channel = base::make_channel();
  REQUIRE(channel);
  async::Context context{1};
  const base::MachineClock clock;
  async::Loop loop{context, clock};
  ntske::ClientRole role{loop, std::move(channel->theirs), setup, ntske::TrustStore::load(setup, warnings),
                         std::chrono::milliseconds{50}};
  std::optional<async::ChannelEnd> end;
  asio::co_spawn(context, role.run(), [&](const std::exception_ptr&, async::ChannelEnd how) { end = how; });

  ipc::Establish order;
  order.name = "time.example";
  order.server = silent.endpoint;
  order.aeads = {15};
  order.verification_time = system_time();
  REQUIRE(base::send_datagram(channel->ours.get(), ipc::encode(order, 9)));
  base::Buffer datagram(ipc::max_frame_size);
  ssize_t size = -1;
  while (size < 0) {
    context.run_one();
    size = ::recv(channel->ours.get(), datagram.data(), datagram.size(), MSG_DONTWAIT);
  }
  const auto frame = ipc::parse_frame(base::Bytes{datagram}.first(static_cast<std::size_t>(size)));
  REQUIRE(frame);
  const auto failed = ipc::decode<ipc::EstablishFailed>(*frame);
  REQUIRE(failed);
  CHECK(frame->request_id == 9);
  CHECK(failed->failure.reason == protocol::KeFailureReason::timeout);
  CHECK(failed->failure.detail == "the TLS handshake did not finish");

  channel->ours.close();
  context.run();
  REQUIRE(end);
  CHECK(end->kind == async::ChannelEnd::Kind::closed);
}
