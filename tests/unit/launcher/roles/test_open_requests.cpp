// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/open_requests.hpp"

#include <unistd.h>

#include <array>
#include <utility>

#include "base/os/channel.hpp"
#include "base/os/file.hpp"
#include "ipc/codec.hpp"
#include "ipc/launcher_messages.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/remembering_log.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using launcher::OpenRequests;

namespace {

// gnomond and a core that asks; neither of them is a process.
struct Fixture {
  explicit Fixture(const config::Config& configuration = {}) : config(configuration) {
    auto ends = base::make_channel();
    REQUIRE(ends);
    channel.open(std::move(ends->ours));
    core = std::move(ends->theirs);
  }
  template <class Message>
  std::optional<OpenRequests::Answered> ask(const Message& message) {
    asked = ipc::encode(message, 5);
    const auto frame = ipc::parse_frame(asked);
    REQUIRE(frame);
    return requests.answer(*frame);
  }
  template <class Message>
  std::pair<Message, base::Fd> hear() {
    auto datagram = base::receive_datagram(core.get(), octets);
    REQUIRE(datagram);
    const auto frame = ipc::parse_frame(base::Bytes{octets}.first(datagram->size));
    REQUIRE(frame);
    auto message = ipc::decode<Message>(*frame);
    REQUIRE(message);
    return {std::move(*message), std::move(datagram->descriptor)};
  }

  config::Config config;
  testing::RememberingLog log;
  launcher::RoleStarter starter{{"/nowhere/gnomond", "/nowhere"}, config, {}, {}, {}, {}};
  launcher::CoreChannel channel{log};
  launcher::KeyFiles keys = launcher::KeyFiles::of(config);
  OpenRequests requests{starter,
                        channel,
                        keys,
                        log,
                        launcher::CoreFiles{config, ""},
                        config.server.signd_socket,
                        launcher::NicClocks{}};
  base::Fd core;
  base::Buffer asked;
  std::array<std::uint8_t, ipc::max_frame_size> octets{};
};

}  // namespace

TEST_CASE("what asks for nothing that is opened is left to others") {
  Fixture f;
  CHECK_FALSE(f.ask(ipc::Ready{}));
  CHECK_FALSE(f.ask(ipc::CycleLogFile{}));
}

TEST_CASE("the file of symmetric keys comes with its message, and without one the message comes alone") {
  const testing::TemporaryFolder folder;
  config::Config config;
  config.process.key_file = folder / "keys";
  REQUIRE(base::write_file_atomically(config.process.key_file, "1 tulip\n", 0600));
  Fixture f{config};
  CHECK(f.ask(ipc::OpenSymmetricKeys{}) == OpenRequests::Answered{});
  CHECK(base::read_to_end(f.hear<ipc::SymmetricKeysOpened>().second.get()).value() == "1 tulip\n");
  Fixture none;
  CHECK(none.ask(ipc::OpenSymmetricKeys{}) == OpenRequests::Answered{});
  CHECK_FALSE(none.hear<ipc::SymmetricKeysOpened>().second);
}

TEST_CASE("a file that the configuration does not name is not opened, and the reply says so") {
  Fixture f;
  CHECK(f.ask(ipc::OpenFile{ipc::FileKind::tracking_log}) == OpenRequests::Answered{});
  const auto [reply, file] = f.hear<ipc::FileOpened>();
  CHECK(reply.kind == ipc::FileKind::tracking_log);
  CHECK_FALSE(reply.reason.empty());
  CHECK_FALSE(file);
}

TEST_CASE("no secret is wanted: nothing is said to the core") {
  Fixture f;
  f.requests.send_key_secret(base::MonoTime{1s});
  f.requests.send_symmetric_keys();
  static_cast<void>(f.hear<ipc::SymmetricKeysOpened>());  // the first message
}

TEST_CASE("a connection to Samba that cannot be had is in the log, and without ntpsigndsocket nothing is") {
  config::Config config;
  config.server.signd_socket = "/nowhere";
  Fixture f{config};
  CHECK(f.ask(ipc::OpenSigndSocket{}) == OpenRequests::Answered{});
  CHECK(f.log.events == std::vector{base::LogEvent::signd_unreachable});
  Fixture none;
  CHECK(none.ask(ipc::OpenSigndSocket{}) == OpenRequests::Answered{});
  CHECK(none.log.events.empty());
}

TEST_CASE("sockets are opened once: a core that has them may not ask again") {
  Fixture f;
  std::vector<base::Fd> ntp;
  ntp.emplace_back(dup(0));
  REQUIRE(f.requests.remember(ntp, ntp));
  CHECK(f.requests.answer(ipc::Frame{ipc::MessageType::open_ntp_sockets, 0, {}}) ==
        OpenRequests::Answered{std::unexpected("a request for sockets that it has")});
  CHECK(f.requests.answer(ipc::Frame{ipc::MessageType::open_peer_sockets, 0, {}}) ==
        OpenRequests::Answered{std::unexpected("a request for sockets for peers that it has made before")});
}

TEST_CASE("a request that cannot be read is forbidden") {
  Fixture f;
  CHECK(f.requests.answer(ipc::Frame{ipc::MessageType::open_file, 0, {}}) ==
        OpenRequests::Answered{std::unexpected("a request for a file that cannot be read")});
  CHECK(f.log.lines.empty());
}
