// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/command_sockets.hpp"

#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os/socket.hpp"
#include "daemon/launcher/sockets/awaited_device.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using namespace gnomon::launcher;
using base::AddressFamily;

namespace {

base::Endpoint endpoint(const char* address, std::uint16_t port) {
  return {*base::parse_address(address), port};
}

std::uint16_t free_port() {
  const auto socket = base::bind_udp(endpoint("127.0.0.1", 0), {});
  return base::local_endpoint(socket->get())->port;
}

struct Fixture {
  Fixture() {
    config.control.command_socket = folder / "run" + "/chronyd.sock";
    config.control.command_port = 0;
  }
  CommandSockets open(std::vector<base::ActivatedSocket> inherited = {}) {
    return open_command_sockets(config, options, owners, inherited);
  }
  testing::TemporaryFolder folder;
  config::Config config;
  config::CommandLine options;
  FolderOwners owners{.user = geteuid(), .operators = getegid()};
};

mode_t mode_of(const std::string& path) {
  struct stat found{};
  return stat(path.c_str(), &found) == 0 ? found.st_mode & 07777 : 0;
}

}  // namespace

TEST_CASE("commands are awaited on loopback of both families, or where bindcmdaddress says") {
  config::ControlSettings control;
  CHECK(plan_command_endpoints(control, AddressFamily::unspecified) ==
        std::vector{endpoint("127.0.0.1", 323), endpoint("::1", 323)});
  CHECK(plan_command_endpoints(control, AddressFamily::ipv6) == std::vector{endpoint("::1", 323)});
  control.command_addresses = {*base::parse_address("192.0.2.1")};
  control.command_port = 1323;
  CHECK(plan_command_endpoints(control, AddressFamily::unspecified) ==
        std::vector{endpoint("192.0.2.1", 1323), endpoint("::1", 1323)});
  control.command_port = 0;
  CHECK(plan_command_endpoints(control, AddressFamily::unspecified).empty());
}

TEST_CASE("the Unix socket is made with its directory, and removed at the end") {
  Fixture f;
  const auto path = f.config.control.command_socket;
  {
    const auto opened = f.open();
    CHECK(opened.failures.empty());
    CHECK(opened.udp.empty());
    CHECK(base::address_family(opened.unix_socket.get()) == AF_UNIX);
    CHECK(mode_of(f.folder / "run") == 01770);
    CHECK(mode_of(path) == 0666);
    int on = 0;
    socklen_t size = sizeof on;
    CHECK(getsockopt(opened.unix_socket.get(), SOL_SOCKET, SO_PASSCRED, &on, &size) == 0);
    CHECK(on == 1);
  }
  CHECK(mode_of(path) == 0);
}

TEST_CASE("without a group of operators the directory is the daemon's alone") {
  Fixture f;
  f.owners.operators = -1;
  CHECK(f.open().failures.empty());
  CHECK(mode_of(f.folder / "run") == 0700);
}

TEST_CASE("while there is no such interface as bindcmddevice says, nothing is heard") {
  Fixture f;
  f.config.control.command_port = free_port();
  f.config.control.command_device = "later-0";
  auto opened = f.open();
  CHECK(opened.failures.empty());
  CHECK(opened.bound.empty());
  REQUIRE_FALSE(opened.udp.empty());
  REQUIRE(opened.deaf.size() == opened.udp.size());
  const auto client = base::bind_udp(endpoint("127.0.0.1", 0), {});
  const auto to = base::to_socket_address(endpoint("127.0.0.1", f.config.control.command_port));
  char octet = 0;
  const auto is_heard = [&](int within_ms) {
    REQUIRE(sendto(client->get(), &octet, 1, 0, to.get(), to.size) == 1);
    pollfd awaited{opened.deaf.front(), POLLIN, 0};
    return poll(&awaited, 1, within_ms) == 1 && recv(awaited.fd, &octet, 1, MSG_DONTWAIT) == 1;
  };
  CHECK_FALSE(is_heard(0));
  REQUIRE(hear_only(opened.deaf.front(), if_nametoindex("lo")));
  CHECK(is_heard(10'000));  // a busy machine delivers it later
  opened = {};
  f.config.control.command_device = "lo";
  opened = f.open();
  CHECK(opened.deaf.empty());
  CHECK(opened.bound.size() == opened.udp.size());
}

TEST_CASE("a dead daemon's socket is replaced, a living one's is not") {
  Fixture f;
  auto first = f.open();
  REQUIRE(first.unix_socket);
  const auto second = f.open();
  CHECK_FALSE(second.unix_socket);
  REQUIRE(second.failures.size() == 1);
  CHECK(second.failures[0].find("another daemon answers there") != std::string::npos);
  first.unix_socket.close();
  CHECK(f.open().unix_socket);
}

TEST_CASE("a directory that others may enter is not used") {
  Fixture f;
  for (const mode_t mode : {0755U, 0711U, 0701U}) {
    mkdir((f.folder / "run").c_str(), mode);
    REQUIRE(chmod((f.folder / "run").c_str(), mode) == 0);
    const auto opened = f.open();
    CHECK_FALSE(opened.unix_socket);
    REQUIRE(opened.failures.size() == 1);
    CHECK(opened.failures[0].find("can be entered by others") != std::string::npos);
  }
  REQUIRE(chmod((f.folder / "run").c_str(), 0750) == 0);
  CHECK(f.open().unix_socket);
  f.owners.operators = getegid() + 1;
  CHECK(f.open().failures.size() == 1);
  REQUIRE(chmod((f.folder / "run").c_str(), 0700) == 0);
  CHECK(f.open().unix_socket);
}

TEST_CASE(
    "operators cannot put anything in the place of another's socket, in an older version's directory "
    "either") {
  Fixture f;
  mkdir((f.folder / "run").c_str(), 0700);
  for (const auto& [before, after] :
       {std::pair{0770U, 01770U}, {0750U, 01750U}, {01770U, 01770U}, {0700U, 0700U}}) {
    REQUIRE(chmod((f.folder / "run").c_str(), before) == 0);
    CHECK(f.open().failures.empty());
    CHECK(mode_of(f.folder / "run") == after);
  }
}

TEST_CASE("a directory of somebody else's is not used, nor is a link") {
  Fixture f;
  mkdir((f.folder / "run").c_str(), 0700);
  f.owners.user = geteuid() + 1;
  const auto opened = f.open();
  REQUIRE(opened.failures.size() == 1);
  CHECK(opened.failures[0].find("belongs to") != std::string::npos);
  f.owners.user = geteuid();
  REQUIRE(symlink((f.folder / "run").c_str(), (f.folder / "link").c_str()) == 0);
  f.config.control.command_socket = f.folder / "link" + "/chronyd.sock";
  CHECK(f.open().failures.size() == 1);
}

TEST_CASE("a port that is taken is told, and the others are used") {
  Fixture f;
  f.config.control.command_port = free_port();
  f.options.family = AddressFamily::ipv4;
  const auto first = f.open();
  CHECK(first.unix_socket);
  CHECK(first.udp.size() == 1);
  f.config.control.command_socket = "/";
  const auto second = f.open();
  CHECK(second.udp.empty());
  REQUIRE(second.failures.size() == 1);
  CHECK(second.failures[0].find("Address already in use") != std::string::npos);
}

TEST_CASE("sockets of the service manager are used") {
  Fixture f;
  f.config.control.command_socket = "/";
  f.config.control.command_port = free_port();
  f.options.family = AddressFamily::ipv4;
  std::vector<base::ActivatedSocket> inherited;
  inherited.push_back(
      {std::move(*base::bind_udp(endpoint("127.0.0.1", f.config.control.command_port), {})), "x"});
  const int number = inherited[0].fd.get();
  const auto opened = open_command_sockets(f.config, f.options, f.owners, inherited);
  CHECK(opened.failures.empty());
  REQUIRE(opened.udp.size() == 1);
  CHECK(opened.udp[0].get() == number);
  CHECK_FALSE(inherited[0].fd);
}

TEST_CASE("who only looks at the time once has none") {
  Fixture f;
  f.options.mode = config::RunMode::print_once;
  CHECK(f.open().udp.empty());
  CHECK_FALSE(f.open().unix_socket);
  CHECK(mode_of(f.folder / "run") == 0);
}
