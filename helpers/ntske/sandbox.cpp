// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/sandbox.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/os/credentials.hpp"
#include "base/os/real_time.hpp"
#include "base/os/sandbox/journal_calls.hpp"
#include "base/os/sandbox/sandbox.hpp"

namespace gnomon::ntske {
namespace {

using base::argument_lacks;
using base::CallList;

// Sockets that are there already, and wolfSSL, which opens /dev/urandom for each generator: Landlock leaves
// nothing else to open.
CallList both_roles() {
  auto calls = base::heap_calls();
  base::add_calls(calls, base::thread_calls());
  base::add_calls(calls, base::event_loop_calls());
  base::add_calls(calls, base::time_zone_calls());
  base::add_calls(calls, base::setsockopt_calls({{IPPROTO_TCP, TCP_NODELAY}, {SOL_SOCKET, SO_RCVLOWAT}}));
  base::add_calls(calls, base::getsockopt_calls({{SOL_SOCKET, SO_ERROR}}));
  base::add_calls(calls, {"recvfrom", "recvmsg", "sendto", "sendmsg"});
  // In the other direction it would end the listener, which the processes after this one have as well.
  calls.push_back({"shutdown", {base::int_argument_is(1, SHUT_WR)}});
  calls.push_back({"openat", {argument_lacks(2, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)}});
  base::add_calls(calls, {"read", "write", "close", "clock_gettime", "getrandom"});
  return calls;
}

CallList calls_of(KeRole role) {
  auto calls = both_roles();
  if (role == KeRole::server) {
    base::add_calls(calls, {"accept"});
  } else {
    base::add_calls(calls, base::socket_calls({AF_INET, AF_INET6}, {SOCK_STREAM}));
    base::add_calls(calls, {"bind", "connect"});
  }
  return calls;
}

base::LandlockRules files_and_ports(KeRole role) {
  base::LandlockRules rules{.paths = {{"/dev/urandom", base::PathRights::read}}};
  if (role == KeRole::client) {
    rules.bind_ports = {{0}};            // bindacqaddress
    rules.connect_ports = std::nullopt;  // ntsport of any source, which a reload may add
  }
  return rules;
}

}  // namespace

std::expected<void, std::string> confine(KeRole role, const ipc::RoleIdentity& identity) {
  if (identity.lock_memory)
    if (const auto locked = base::lock_memory(); !locked)
      return std::unexpected("cannot lock its memory: " + base::to_string(locked.error()));
  if (const auto dropped = base::drop_privileges(identity.user); !dropped)
    return std::unexpected("cannot drop privileges: " + base::to_string(dropped.error()));
  if constexpr (!base::sandbox_possible) return {};
  if (const auto landlock = base::install_landlock(files_and_ports(role)); !landlock)
    return std::unexpected("cannot confine file access: " + base::to_string(landlock.error()));
  const char* const name = role == KeRole::server ? "gnomon-ntske (server)" : "gnomon-ntske (client)";
  const auto mode = identity.report_only ? base::SandboxMode::report : base::SandboxMode::enforce;
  if (const auto filter =
          base::install_seccomp(base::closed_to_others_than_the_journal(calls_of(role)), mode, name);
      !filter)
    return std::unexpected("cannot confine system calls: " + base::to_string(filter.error()));
  return {};
}

}  // namespace gnomon::ntske
