// SPDX-License-Identifier: GPL-2.0-or-later
// Scripts in the places of the roles end, are killed, or say something.
#include "daemon/launcher/roles/role_processes.hpp"

#include <csignal>

#include "base/os/file.hpp"
#include "daemon/launcher/roles/poll_set.hpp"
#include "ipc/certificate_messages.hpp"
#include "ipc/codec.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using namespace gnomon::launcher;
using namespace std::chrono_literals;

namespace {

constexpr RoleId clock_role{Program::clock};
constexpr RoleId resolver{Program::resolve};
constexpr RoleId server{Program::ke_server};

struct Fixture {
  Fixture(const std::string& clock, const std::string& resolve, const std::string& ntske) {
    put("gnomon-clock", clock);
    put("gnomon-resolve", resolve);
    put("gnomon-ntske", ntske);
  }
  void put(const char* name, const std::string& text) const {
    REQUIRE(base::write_file_atomically(folder / name, "#!/bin/sh\ncd " + folder.path() + "\n" + text, 0755));
  }
  void start(const RoleId& role) {
    CAPTURE(to_string(role));
    REQUIRE(processes.start_later({.role = role, .connect = false}));
  }
  template <class Look>
  auto wait_for(Look look) {
    for (auto found = look();; found = look()) {
      if (found) return *found;
      PollSet awaited;
      awaited.add(processes.descriptors(), [] {});
      REQUIRE(awaited.wait(60s));
    }
  }
  // Until all have ended.
  std::vector<std::pair<RoleId, RoleEnd>> wait_for_ends() {
    for (std::size_t readable = 0;; readable = 0) {
      const auto descriptors = processes.descriptors();
      PollSet awaited;
      for (const int each : descriptors) awaited.add(each, [&readable] { ++readable; });
      REQUIRE(awaited.wait(60s));
      awaited.serve();
      if (readable == descriptors.size()) return processes.ended();
    }
  }

  testing::TemporaryFolder folder;
  RoleStarter starter{{folder / "gnomond", folder.path()}, {}, {}, {}, {}, {}};
  RoleProcesses processes{starter};
};

}  // namespace

TEST_CASE(
    "each end is told once, what explains the others in front, and who it was is known until forgotten") {
  Fixture f{"exit 3", "exit 2", ""};
  f.start(resolver);
  f.start(clock_role);
  const auto ended = f.wait_for_ends();
  CHECK(ended == std::vector<std::pair<RoleId, RoleEnd>>{{clock_role, {.killed = false, .value = 3}},
                                                         {resolver, {.killed = false, .value = 2}}});
  CHECK(f.processes.ended().empty());
  CHECK(f.processes.all() == std::vector{clock_role, resolver});
  f.processes.forget(clock_role);
  CHECK(f.processes.all() == std::vector{resolver});
}

TEST_CASE("a process that is killed says so by its end, and one that is not there counts as killed") {
  Fixture f{"", "exec sleep 60", ""};
  f.start(resolver);
  CHECK(f.processes.kill(clock_role));
  REQUIRE(f.processes.kill(resolver));
  CHECK(f.wait_for_ends().front().second == RoleEnd{.killed = true, .value = SIGKILL});
}

TEST_CASE("the first word of a new role is left on its channel for the core") {
  Fixture f{"", "", "printf x >&3\nread end <&3\n"};
  f.start(server);
  const auto ready = f.wait_for([&] {
    auto words = f.processes.hear();
    CHECK(words.refused.empty());
    return words.ready.empty() ? std::nullopt : std::optional{words.ready};
  });
  CHECK(ready == std::vector{server});
  CHECK(f.processes.take_channel(server));
  CHECK_FALSE(f.processes.take_channel(server));
}

TEST_CASE("a role that cannot use its certificates says why, and ends as its channel is closed") {
  Fixture f{"", "", "cat said >&3\nread end <&3\nexit 0\n"};
  const auto said = ipc::encode(ipc::CertificatesUnusable{"it has expired"}, 0);
  REQUIRE(base::write_file_atomically(f.folder / "said", std::string{said.begin(), said.end()}));
  f.start(server);
  const auto refused = f.wait_for([&] {
    auto words = f.processes.hear();
    CHECK(words.ready.empty());
    return words.refused.empty() ? std::nullopt : std::optional{words.refused};
  });
  CHECK(refused == std::vector<std::string>{"it has expired"});
  CHECK_FALSE(f.processes.take_channel(server));
  CHECK(f.wait_for_ends().front().second == RoleEnd{});
}
