// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/control_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cstring>
#include <filesystem>

#include "base/os/file.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"
#include "tests/unit/unix_sockets.hpp"

using namespace gnomon;
using launcher::ControlSocket;

namespace {

base::Fd client_of(const std::string& path) {
  base::Fd client{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const auto address = testing::unix_address(path);
  if (connect(client.get(), testing::generic(address), sizeof address) != 0) return {};
  return client;
}
int connect_to(const std::string& path) {
  return client_of(path) ? 0 : -1;
}

// Whether a client of it can hand over a descriptor.
bool takes_descriptors(const std::string& path) {
  const auto client = client_of(path);
  return testing::send_descriptors(client.get(), std::array{client.get()});
}

// Linux 6.16: SO_PASSRIGHTS is known.
bool kernel_can_refuse_descriptors() {
  const base::Fd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const int off = 0;
  return setsockopt(socket.get(), SOL_SOCKET, 83, &off, sizeof off) == 0;
}

std::expected<ControlSocket, std::string> open_at(const std::string& path) {
  std::vector<base::ActivatedSocket> none;
  return ControlSocket::open(path, "", none);
}

}  // namespace

TEST_CASE("the control socket makes its folder, is open to everybody, and is removed at the end") {
  const testing::TemporaryFolder folder;
  const auto path = folder / "run/control";
  {
    const auto control = open_at(path);
    REQUIRE(control);
    CHECK(connect_to(path) == 0);
    struct stat found{};
    REQUIRE(stat(path.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777U) == 0666);
    REQUIRE(stat((folder / "run").c_str(), &found) == 0);
    CHECK((found.st_mode & 0777U) == 0755);
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a socket that a killed daemon left is replaced") {
  const testing::TemporaryFolder folder;
  const auto path = folder / "control";
  {
    const base::Fd left{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(&address.sun_path[0], sizeof address.sun_path - 1);
    REQUIRE(bind(left.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  REQUIRE(std::filesystem::exists(path));
  const auto control = open_at(path);
  REQUIRE(control);
  CHECK(connect_to(path) == 0);
}

TEST_CASE("the socket of a living daemon is left to it") {
  const testing::TemporaryFolder folder;
  const auto path = folder / "control";
  const auto first = open_at(path);
  REQUIRE(first);
  const auto second = open_at(path);
  REQUIRE_FALSE(second);
  CHECK(second.error() == "another daemon answers there");
  CHECK(connect_to(path) == 0);
}

TEST_CASE("a file that is no socket is not removed") {
  const testing::TemporaryFolder folder;
  const auto path = folder / "control";
  REQUIRE(base::write_file_atomically(path, "keep"));
  REQUIRE_FALSE(open_at(path));
  CHECK(base::read_file(path).value() == "keep");
}

TEST_CASE("a path that is too long for a socket is refused") {
  const testing::TemporaryFolder folder;
  CHECK(open_at(folder / std::string(200, 'x')).error() == "the path is too long for a socket");
}

TEST_CASE("a socket of the service manager is used and stays when the daemon ends") {
  const testing::TemporaryFolder folder;
  const auto path = folder / "control";
  auto held = open_at(path);
  REQUIRE(held);
  std::vector<base::ActivatedSocket> inherited;
  inherited.push_back({base::Fd{dup(held->fd())}, "control"});
  {
    const auto control = ControlSocket::open(path, "", inherited);
    REQUIRE(control);
    CHECK_FALSE(inherited.front().fd);
  }
  CHECK(std::filesystem::exists(path));
}

TEST_CASE("nobody can hand the core a descriptor through the control socket, where the kernel has that") {
  const testing::TemporaryFolder folder;
  const auto path = folder / "control";
  const auto control = open_at(path);
  REQUIRE(control);
  if (kernel_can_refuse_descriptors()) CHECK_FALSE(takes_descriptors(path));
  std::vector<base::ActivatedSocket> inherited;
  auto other = launcher::bind_unix(folder / "other", SOCK_STREAM);
  REQUIRE(listen(other->get(), 1) == 0);
  CHECK(takes_descriptors(folder / "other"));
  inherited.push_back({std::move(*other), "control"});
  const auto used = ControlSocket::open(folder / "other", "", inherited);
  REQUIRE(used);
  if (kernel_can_refuse_descriptors()) CHECK_FALSE(takes_descriptors(folder / "other"));
}
