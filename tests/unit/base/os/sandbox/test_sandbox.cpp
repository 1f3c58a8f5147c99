// SPDX-License-Identifier: GPL-2.0-or-later
// In a build with a sanitizer there is no sandbox to test: see sandbox_possible.
#include "base/os/sandbox/sandbox.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>

#include "base/os/fd.hpp"
#include "base/os/log.hpp"
#include "base/os/sandbox/call_groups.hpp"
#include "base/os/sandbox/confine.hpp"
#include "base/os/socket.hpp"
#include "tests/unit/base/os/in_child.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::base;
using gnomon::testing::in_child;

namespace {

constexpr int set_up_failed = 99;
const ExitResult killed{true, SIGSYS};
const ExitResult fine{false, 0};

bool can_open(const char* path, int flags = O_RDONLY) {
  return static_cast<bool>(Fd{open(path, flags | O_CLOEXEC)});
}

const std::vector<AllowedCall> some_calls{
    {"exit_group"},
    {"getppid"},
    {"fcntl", {int_argument_is(1, F_GETFD)}},
    {"openat", {argument_lacks(2, O_WRONLY | O_RDWR)}},
    {"no_such_call_at_all"},
};

// The status of `body` after the calls above are all there are.
template <class Body>
ExitResult with_some_calls(Body body, SandboxMode mode = SandboxMode::enforce) {
  return in_child([&] {
    if (!drop_privileges("") || !install_seccomp(some_calls, mode)) return set_up_failed;
    return body();
  });
}

int errno_of_connect(std::uint16_t port) {
  const Fd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const auto address = to_socket_address({*parse_address("127.0.0.1"), port});
  return connect(socket.get(), address.get(), address.size) == 0 ? 0 : errno;
}

}  // namespace

TEST_CASE("a path that cannot be allowed for lack of descriptors is an error, not a path less") {
  if (!sandbox_possible || landlock_abi() == 0) return;
  CHECK(in_child([] {
          const int next = dup(0);  // the lowest that is free: the ruleset's
          close(next);
          const auto limit = static_cast<rlim_t>(next) + 1;
          const rlimit one_more{limit, limit};
          if (!drop_privileges("") || setrlimit(RLIMIT_NOFILE, &one_more) != 0) return set_up_failed;
          const auto state = install_landlock({.paths = {{"/dev/null", PathRights::read}}});
          return !state && state.error().code == EMFILE ? 0 : 1;
        }) == fine);
}

TEST_CASE("a system call that is not listed kills the process") {
  if (!sandbox_possible) return;
  CHECK(with_some_calls([] { return getppid() > 0 ? 0 : 1; }) == fine);
  CHECK(with_some_calls([] { return static_cast<int>(syscall(SYS_getuid)) * 0; }) == killed);
}

TEST_CASE("a listed system call with other arguments kills the process") {
  if (!sandbox_possible) return;
  CHECK(with_some_calls([] { return fcntl(0, F_GETFD) * 0; }) == fine);
  CHECK(with_some_calls([] { return fcntl(0, F_GETFL) * 0; }) == killed);
  CHECK(with_some_calls([] { return open("/dev/null", O_RDONLY) * 0; }) == fine);
  CHECK(with_some_calls([] { return open("/dev/null", O_RDWR) * 0; }) == killed);
}

TEST_CASE("forbidden calls kill, and all others go on") {
  if (!sandbox_possible) return;
  const auto without = [](auto body) {
    return in_child([&] {
      const std::vector<AllowedCall> forbidden{{"getppid"}, {"fcntl", {int_argument_is(1, F_GETFL)}}};
      if (!drop_privileges("") || !forbid_calls(forbidden, SandboxMode::enforce)) return set_up_failed;
      return body();
    });
  };
  CHECK(without([] { return fcntl(0, F_GETFD) * 0 + static_cast<int>(getuid()) * 0; }) == fine);
  CHECK(without([] { return getppid() * 0; }) == killed);
  CHECK(without([] { return fcntl(0, F_GETFL) * 0; }) == killed);
}

TEST_CASE("an argument's other values are all that are not named") {
  const auto calls = calls_with_other("socket", 1, 4, {1, 2, 6}, {int_argument_is(0, AF_INET)});
  for (unsigned value = 0; value < 64; ++value) {
    const auto fits = [&](const AllowedCall& call) {
      return call.rules.size() == 2 && (value & call.rules[1].mask) == call.rules[1].value;
    };
    const bool named = value % 16 == 1 || value % 16 == 2 || value % 16 == 6;
    CHECK(std::ranges::count_if(calls, fits) == (named ? 0 : 1));
  }
}

TEST_CASE("sockets of families that are not named kill where these are forbidden") {
  if (!sandbox_possible) return;
  const auto opens = [](int family) {
    return in_child([family] {
      const auto others = calls_with_other("socket", 0, 32, {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK});
      if (!drop_privileges("") || !forbid_calls(others, SandboxMode::enforce)) return set_up_failed;
      return Fd{socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0)} ? 0 : 1;
    });
  };
  for (const int family : {AF_UNIX, AF_INET, AF_NETLINK}) CHECK(opens(family) == fine);
  for (const int family : {AF_UNSPEC, AF_PACKET, AF_CAN, AF_VSOCK, 44 /* AF_XDP */, 1000, -1})
    CHECK(opens(family) == killed);
}

TEST_CASE("only named programs can be executed") {
  if (!sandbox_possible || landlock_abi() == 0) return;
  const auto execute = [](std::span<const std::string> programs) {
    return in_child([&] {
      if (!drop_privileges("") || !execute_only(programs)) return set_up_failed;
      execl("/bin/true", "true", nullptr);
      return errno;
    });
  };
  CHECK(execute({}) == ExitResult{false, EACCES});
  const std::vector<std::string> all{"/"};
  CHECK(execute(all) == fine);
}

TEST_CASE("in report mode the process lives on") {
  if (!sandbox_possible) return;
  CHECK(with_some_calls([] { return static_cast<int>(syscall(SYS_getuid)) * 0; }, SandboxMode::report) ==
        fine);
}

TEST_CASE("only listed paths can be opened, and only for what is listed") {
  if (!sandbox_possible) return;
  const auto result = in_child([] {
    LandlockRules rules;
    rules.paths = {{"/etc", PathRights::read},
                   {"/no/such/path", PathRights::read},
                   {"/dev/null", PathRights::read_write}};
    if (!drop_privileges("")) return set_up_failed;
    const auto state = install_landlock(rules);
    if (!state || state->abi != landlock_abi()) return set_up_failed;
    if (state->abi == 0) return can_open("/usr") ? 0 : 1;
    if (!can_open("/etc/passwd")) return 2;
    if (can_open("/etc/passwd", O_RDWR)) return 3;
    if (can_open("/usr") || can_open("/proc/self/status")) return 4;
    return can_open("/dev/null", O_RDWR) ? 0 : 5;
  });
  CHECK(result == fine);
}

TEST_CASE("without listed ports TCP is closed, with them only they are open") {
  if (!sandbox_possible || landlock_abi() < 4) return;
  const auto listener = listen_tcp({*parse_address("127.0.0.1"), 0}, {});
  REQUIRE(listener);
  const auto port = local_endpoint(listener->get())->port;
  const auto connect_under = [port](const LandlockRules& rules) {
    return in_child([&] {
      if (!drop_privileges("") || !install_landlock(rules)) return set_up_failed;
      return errno_of_connect(port);
    });
  };
  CHECK(connect_under({}) == ExitResult{false, EACCES});
  LandlockRules listed;
  listed.connect_ports->push_back(port);
  CHECK(connect_under(listed) == fine);
  LandlockRules any;
  any.connect_ports.reset();
  CHECK(connect_under(any) == fine);
}

TEST_CASE("dropping privileges leaves no capability, no way back to root and no core file") {
  const auto result = in_child([] {
    if (!drop_privileges("nobody")) return set_up_failed;
    if (effective_capabilities() != 0) return 1;
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return 2;
    if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) return 3;
    if (prctl(PR_CAPBSET_READ, CAP_SYS_TIME, 0, 0, 0) == 1 && getuid() == 0) return 4;
    return geteuid() != 0 && setuid(0) == 0 ? 5 : 0;
  });
  CHECK(result == fine);
}

TEST_CASE("root becomes the user named and keeps only the capability named") {
  const passwd* const nobody = getpwnam("nobody");
  REQUIRE(nobody != nullptr);
  const uid_t expected = geteuid() == 0 ? nobody->pw_uid : geteuid();
  const auto had = effective_capabilities();
  const auto result = in_child([&] {
    const auto keep = capability(CAP_NET_BIND_SERVICE);
    if (!drop_privileges("nobody", keep)) return set_up_failed;
    if (effective_capabilities() != (had & keep)) return 1;
    return getuid() == expected && geteuid() == expected ? 0 : 2;
  });
  CHECK(result == fine);
}

TEST_CASE("root does not stay root because the user's name is wrong") {
  if (geteuid() != 0) return;
  const auto result = in_child([] {
    const auto dropped = drop_privileges("no-such-user-here");
    return !dropped && dropped.error().code == ENOENT ? 0 : 1;
  });
  CHECK(result == fine);
}

namespace {

// What becomes of a role that has the journal's socket and makes this call on it; another socket is at 100.
template <class Body>
ExitResult with_a_journal(Body body) {
  return in_child([&] {
    std::array<int, 2> journal{};
    std::array<int, 2> other{};
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, journal.data()) != 0 ||
        socketpair(AF_UNIX, SOCK_DGRAM, 0, other.data()) != 0)
      return set_up_failed;
    if (dup2(journal[0], journal_descriptor) < 0 || dup2(other[0], 100) < 0) return set_up_failed;
    const Confinement plan{.calls = {{"exit_group"},
                                     {"sendto"},
                                     {"sendmsg"},
                                     {"connect"},
                                     {"fcntl", {int_argument_is(1, F_DUPFD_CLOEXEC)}}}};
    return confine(plan) ? body() : set_up_failed;
  });
}

long send_message(unsigned long descriptor) {
  char text[] = "text";
  iovec part{text, sizeof text};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  return syscall(SYS_sendmsg, descriptor, &header, MSG_NOSIGNAL);
}

}  // namespace

TEST_CASE("through the journal's socket a role reaches the journal and nobody else") {
  if (!sandbox_possible) return;
  sockaddr_un somebody{.sun_family = AF_UNIX, .sun_path = "/no/such/socket"};
  const auto* const address = reinterpret_cast<const sockaddr*>(&somebody);  // NOLINT: the kernel's interface
  CHECK(with_a_journal([] { return sendto(journal_descriptor, "text", 4, 0, nullptr, 0) == 4 ? 0 : 1; }) ==
        fine);
  CHECK(with_a_journal([] { return send_message(100) > 0 ? 0 : 1; }) == fine);
  CHECK(with_a_journal([&] { return sendto(100, "text", 4, 0, address, sizeof somebody) < 0 ? 0 : 1; }) ==
        fine);

  CHECK(with_a_journal([&] {
          return sendto(journal_descriptor, "text", 4, 0, address, sizeof somebody) > 0;
        }) == killed);
  CHECK(with_a_journal([] { return send_message(journal_descriptor) > 0; }) == killed);
  // The kernel does not look at the upper half of a descriptor.
  CHECK(with_a_journal([] { return send_message(1UL << 32U) > 0; }) == killed);
  CHECK(with_a_journal([&] { return connect(journal_descriptor, address, sizeof somebody); }) == killed);
  CHECK(with_a_journal([] { return fcntl(journal_descriptor, F_DUPFD_CLOEXEC, 3) > 0; }) == killed);
}
