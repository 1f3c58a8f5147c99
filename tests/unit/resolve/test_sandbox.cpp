// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/resolve/sandbox.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "base/os/fd.hpp"
#include "base/os/socket.hpp"
#include "tests/unit/base/os/in_child.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using testing::in_child;

namespace {

// What libc does for an answer that was too long for UDP: connect, and both parts of the query in one call.
bool ask_over_tcp(const base::SocketAddress& server) {
  const base::Fd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (connect(socket.get(), server.get(), server.size) != 0) return false;
  std::array<char, 2> length{0, 4};
  std::array<char, 4> query{};
  const std::array<iovec, 2> parts{iovec{length.data(), length.size()}, iovec{query.data(), query.size()}};
  return writev(socket.get(), parts.data(), 2) == 6;
}

template <class Body>
base::ExitResult confined(Body body) {
  return in_child(
      [&] { return base::confine(resolve::confinement({}, resolve::NameFiles{})) ? body() : 99; });
}

}  // namespace

TEST_CASE("DNS over TCP works in the resolver's sandbox") {
  const auto listener = base::listen_tcp({*base::parse_address("127.0.0.1"), 0}, {});
  REQUIRE(listener);
  const auto server = base::to_socket_address(*base::local_endpoint(listener->get()));
  CHECK(confined([&] { return ask_over_tcp(server) ? 0 : 1; }) == base::ExitResult{});
}

TEST_CASE("the resolver changes its own descriptors, and not the flags of what it was given") {
  if (!base::sandbox_possible) return;
  const auto refused = [](int result) { return result == -1 && errno == ENOSYS ? 0 : 1; };
  for (const int given : {0, 1, 2, 3}) {
    CHECK(confined([&] { return refused(fcntl(given, F_SETFL, 0)); }) == base::ExitResult{});
    CHECK(confined([&] { return refused(fcntl(given, F_DUPFD_CLOEXEC, 10)); }) == base::ExitResult{});
  }
  CHECK(confined([&] {
          int own = -1;
          while (own < 4) own = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
          return fcntl(own, F_SETFL, O_NONBLOCK) == 0 && fcntl(own, F_DUPFD_CLOEXEC, 5) > own ? 0 : 1;
        }) == base::ExitResult{});
}

TEST_CASE("the resolver's calls can be reported instead of refused") {
  if (!base::sandbox_possible) return;
  const ipc::RoleIdentity reporting{.report_only = true};
  CHECK(in_child([&] {
          return base::confine(resolve::confinement(reporting, resolve::NameFiles{})) ? 0 : 1;
        }) == base::ExitResult{});
}

TEST_CASE("the resolver can neither listen nor start a program nor make memory executable") {
  if (!base::sandbox_possible) return;
  const base::ExitResult killed{true, SIGSYS};
  CHECK(confined([] { return listen(0, 1) * 0; }) == killed);
  CHECK(confined([] { return execl("/bin/true", "true", nullptr) * 0; }) == killed);
  CHECK(confined([] {
          return mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                      0) == MAP_FAILED;
        }) == killed);
}

TEST_CASE("what a module of the resolver's asks for in vain does not end it") {
  if (!base::sandbox_possible) return;
  const auto refused = [](auto call) {
    return confined([&] { return call() < 0 && errno == ENOSYS ? 0 : 1; }) == base::ExitResult{};
  };
  CHECK(refused([] { return open("/tmp", O_RDWR); }));
  CHECK(refused([] { return prctl(PR_GET_NAME, nullptr); }));  // as libnss_mymachines does
  CHECK(refused([] { return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 7); }) !=
        resolve::NameFiles{}.need_unix_sockets());
  CHECK(refused([] { return static_cast<int>(syscall(SYS_clone3, nullptr, 0)); }));
  CHECK(refused([] { return static_cast<int>(syscall(SYS_io_uring_setup, 1, nullptr)); }));
}

TEST_CASE("the resolver reads what names are resolved by, and no other file of /etc") {
  if (!base::sandbox_possible || base::landlock_abi() == 0) return;
  CHECK(confined([] { return open("/etc/nsswitch.conf", O_RDONLY) >= 0 ? 0 : 1; }) == base::ExitResult{});
  CHECK(confined([] { return open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES ? 0 : 1; }) ==
        base::ExitResult{});
  CHECK(confined([] { return open("/etc", O_RDONLY | O_DIRECTORY) < 0 && errno == EACCES ? 0 : 1; }) ==
        base::ExitResult{});
}
