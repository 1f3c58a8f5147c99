// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/source_channel.hpp"

#include <fcntl.h>

#include <array>

#include "base/os/channel.hpp"
#include "base/os/file.hpp"
#include "ipc/codec.hpp"
#include "ipc/launcher_messages.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using launcher::SourceChannel;
using launcher::SourceFolders;
using Asked = SourceChannel::Asked;

namespace {

struct Fixture {
  Fixture() {
    REQUIRE(base::write_file_atomically(folder / "a.sources", "server a\n"));
    auto ends = base::make_channel();
    REQUIRE(ends);
    fcntl(ends->ours.get(), F_SETFL, O_NONBLOCK);
    channel = SourceChannel{SourceFolders{{folder.path()}, ""}, std::move(ends->ours)};
    core = std::move(ends->theirs);
  }
  template <class Message>
  auto ask(const Message& message) {
    REQUIRE(base::send_datagram(core.get(), ipc::encode(message, 5)));
    return channel.answer();
  }
  base::Datagram hear() {
    auto datagram = base::receive_datagram(core.get(), octets);
    REQUIRE(datagram);
    return std::move(*datagram);
  }
  ipc::Frame frame(const base::Datagram& datagram) {
    const auto frame = ipc::parse_frame(base::Bytes{octets}.first(datagram.size));
    REQUIRE(frame);
    CHECK(frame->request_id == 5);
    return *frame;
  }

  testing::TemporaryFolder folder;
  SourceChannel channel;
  base::Fd core;
  std::array<std::uint8_t, ipc::max_frame_size> octets{};
};

}  // namespace

TEST_CASE(
    "the core gets one file after the other, and then the end; only the first request looks into the "
    "folders") {
  Fixture f;
  CHECK(f.ask(ipc::OpenSources{.first = true}) == Asked::first);
  const auto datagram = f.hear();
  const auto opened = ipc::decode<ipc::SourcesOpened>(f.frame(datagram));
  REQUIRE(opened);
  CHECK(opened->name == "a.sources");
  REQUIRE(datagram.descriptor);
  CHECK(base::read_to_end(datagram.descriptor.get()).value() == "server a\n");
  CHECK(f.ask(ipc::OpenSources{.first = false}) == Asked::next);
  CHECK(ipc::decode<ipc::SourcesEnd>(f.frame(f.hear())));
  CHECK(f.channel.answer() == Asked::nothing);
}

TEST_CASE("another message is forbidden, and nothing more is heard") {
  Fixture f;
  CHECK(f.ask(ipc::OpenSigndSocket{}) == std::unexpected("a forbidden request about source files"));
  CHECK(f.channel.descriptor() == -1);
}

TEST_CASE("a core that has gone asks for nothing any more") {
  Fixture f;
  f.core.close();
  CHECK(f.channel.answer() == Asked::nothing);
  CHECK(f.channel.descriptor() == -1);
}

TEST_CASE("a core that does not read its replies is told of") {
  Fixture f;
  std::expected<Asked, std::string> answered = Asked::first;
  for (int i = 0; i < 100'000 && answered; ++i) answered = f.ask(ipc::OpenSources{.first = true});
  CHECK(answered == std::unexpected("requests for source files whose replies it does not read"));
  CHECK(f.channel.descriptor() == -1);
}
