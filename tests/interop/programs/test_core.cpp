// SPDX-License-Identifier: GPL-2.0-or-later
// The real gnomon-core, with the test in gnomond's place.
#include <sys/mman.h>
#include <unistd.h>

#include <array>

#include "base/os/channel.hpp"
#include "base/os/file.hpp"
#include "base/os/sandbox/sandbox.hpp"
#include "base/os/spawn.hpp"
#include "ipc/codec.hpp"
#include "ipc/role_setup.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/core/sources/loopback_server.hpp"

using namespace gnomon;
using testing::LoopbackServer;

namespace {

base::Fd config_file(const std::string& text) {
  base::Fd file{memfd_create("configuration", MFD_CLOEXEC)};
  REQUIRE(file);
  REQUIRE(write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  return file;
}

// Descriptor 3 is the channel, 4 the configuration, 5 the clock helper's.
class CoreProgram {
 public:
  explicit CoreProgram(const std::string& config, ipc::CoreSetup setup = {}) {
    auto pair = base::make_channel();
    auto clock = base::make_channel();
    const auto file = config_file(config);
    setup.identity.user = "nobody";
    setup.config_fd = 4;
    auto child = base::spawn(
        {GNOMON_CORE, ipc::to_arguments(setup), {pair->theirs.get(), file.get(), clock->theirs.get()}, {}});
    REQUIRE(child);
    channel = std::move(pair->ours);
    clock_channel = std::move(clock->ours);
    child_ = std::move(*child);
  }
  // The next message that is not a status line; empty at the end.
  base::Buffer receive() {
    while (true) {
      base::Buffer space(ipc::max_frame_size);
      const auto received = base::receive_datagram(channel.get(), space);
      if (!received || received->size == 0) return {};
      space.resize(received->size);
      if (ipc::parse_frame(space)->type != ipc::MessageType::status) return space;
    }
  }
  void expect_ready() { REQUIRE(ipc::parse_frame(receive())->type == ipc::MessageType::ready); }
  [[nodiscard]] int finished_status() {
    const auto datagram = receive();
    const auto frame = ipc::parse_frame(datagram);
    REQUIRE(frame);
    const auto finished = ipc::decode<ipc::Finished>(*frame);
    REQUIRE(finished);
    return finished->exit_status;
  }
  void say(const base::Buffer& datagram) { REQUIRE(base::send_datagram(channel.get(), datagram)); }
  [[nodiscard]] base::ExitResult end() { return *base::wait_for(child_); }
  [[nodiscard]] std::string kernel_status(const std::string& key) const {
    const auto text = base::read_file("/proc/" + std::to_string(child_.pid) + "/status");
    REQUIRE(text);
    const auto at = text->find("\n" + key + ":\t") + key.size() + 3;
    return text->substr(at, text->find('\n', at) - at);
  }

  base::Fd channel;
  base::Fd clock_channel;

 private:
  base::Child child_;
};

constexpr base::ExitResult good{false, 0};
constexpr base::ExitResult failed{false, 1};

}  // namespace

TEST_CASE("the core reports ready, has given everything up, and ends when it is told to") {
  CoreProgram core{"local stratum 3\n"};
  core.expect_ready();
  CHECK(core.kernel_status("NoNewPrivs") == "1");
  CHECK(core.kernel_status("CapEff") == "0000000000000000");
  CHECK(core.kernel_status("CapBnd") == (geteuid() == 0 ? "0000000000000000" : core.kernel_status("CapBnd")));
  CHECK(core.kernel_status("Seccomp") == (base::sandbox_possible ? "2" : "0"));
  core.say(ipc::encode(ipc::Stop{}, 0));
  CHECK(core.finished_status() == 0);
  CHECK(core.end() == good);
}

TEST_CASE("asked for one measurement, the core measures a server and ends") {
  const LoopbackServer server;
  CoreProgram core{"server 127.0.0.1 iburst maxsamples 1 port " + std::to_string(server.port()) + "\n",
                   {.mode = ipc::CoreMode::print_once}};
  core.expect_ready();
  CHECK(core.finished_status() == 0);
  CHECK(core.end() == good);
}

TEST_CASE("without an answer the timeout ends it with status 1") {
  const auto silent = base::bind_udp({*base::parse_address("127.0.0.1"), 0}, {});
  const auto port = std::to_string(base::local_endpoint(silent->get())->port);
  CoreProgram core{"server 127.0.0.1 iburst port " + port + "\n",
                   {.mode = ipc::CoreMode::print_once, .timeout = 0.2}};
  core.expect_ready();
  CHECK(core.finished_status() == 1);
  CHECK(core.end() == failed);
}

TEST_CASE("the core ends when gnomond is gone or says what it may not say") {
  CoreProgram orphan{""};
  orphan.expect_ready();
  orphan.channel.close();
  CHECK(orphan.end() == failed);
  CoreProgram disturbed{""};
  disturbed.expect_ready();
  disturbed.say({9, 9, 9});
  CHECK(disturbed.finished_status() == 1);
  CHECK(disturbed.end() == failed);
}

TEST_CASE("the core ends when the clock helper is gone") {
  CoreProgram core{"", {.clock_fd = 5}};
  base::Buffer question(ipc::max_frame_size);
  REQUIRE(base::receive_datagram(core.clock_channel.get(), question));
  REQUIRE(
      base::send_datagram(core.clock_channel.get(), ipc::encode(ipc::ClockReading{.may_adjust = true}, 1)));
  core.expect_ready();
  core.clock_channel.close();
  CHECK(core.finished_status() == 1);
  CHECK(core.end() == failed);
}

TEST_CASE("a configuration that cannot be read, and a word that is not known, end it at once") {
  CoreProgram confused{"no such directive\n"};
  CHECK(confused.end() == failed);
  auto child = base::spawn({GNOMON_CORE, {"nonsense=1"}, {}, {}});
  REQUIRE(child);
  CHECK(*base::wait_for(*child) == base::ExitResult{false, 2});
}
