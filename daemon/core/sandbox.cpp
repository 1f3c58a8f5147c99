// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/sandbox.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <filesystem>
#include <initializer_list>
#include <system_error>
#include <utility>

#include "base/os/credentials.hpp"
#include "base/os/phc.hpp"
#include "base/os/real_time.hpp"
#include "base/os/sandbox/call_groups.hpp"
#include "base/os/sandbox/journal_calls.hpp"
#include "daemon/core/clock/leap_store.hpp"

namespace gnomon::core {

namespace {

using base::CallList;
using base::int_argument_is;

// To the servers, and to clients.
CallList udp_calls() {
  auto calls = base::socket_calls({AF_INET, AF_INET6}, {SOCK_DGRAM});
  base::add_calls(calls, base::setsockopt_calls({{SOL_SOCKET, SO_TIMESTAMPING},
                                                 {SOL_SOCKET, SO_REUSEADDR},
                                                 {SOL_SOCKET, SO_REUSEPORT},
                                                 {SOL_SOCKET, SO_BINDTODEVICE},
                                                 {IPPROTO_IP, IP_FREEBIND},
                                                 {IPPROTO_IP, IP_TOS},
                                                 {IPPROTO_IP, IP_PKTINFO},
                                                 {IPPROTO_IPV6, IPV6_V6ONLY},
                                                 {IPPROTO_IPV6, IPV6_TCLASS},
                                                 {IPPROTO_IPV6, IPV6_RECVPKTINFO}}));
  base::add_calls(calls, {"bind", "connect", "recvmmsg", "sendmmsg"});
  calls.push_back({"fcntl", {int_argument_is(1, F_SETFD)}});
  return calls;
}

// Within what Landlock leaves.
constexpr std::initializer_list<const char*> file_calls{"openat",     "read",       "write",  "fstat",
                                                        "newfstatat", "getdents64", "rename", "renameat",
                                                        "unlink",     "unlinkat",   "fsync"};

// They are only read; the launcher has opened them for no more.
void allow_nic_clocks(CallList& calls) {
  for (const auto request : base::phc_requests()) calls.push_back({"ioctl", {base::argument_is(1, request)}});
}

CallList allowed_calls() {
  auto calls = base::heap_calls();
  base::add_calls(calls, base::thread_calls());
  base::add_calls(calls, base::event_loop_calls());
  base::add_calls(calls, base::time_zone_calls());
  base::add_calls(calls, udp_calls());
  base::add_calls(calls, file_calls);
  calls.push_back({"renameat2", {int_argument_is(4, 0)}});  // riscv64 and loongarch64 have no other
  // The control socket, and the channels to the other roles.
  base::add_calls(calls,
                  base::getsockopt_calls(
                      {{SOL_SOCKET, SO_PEERCRED}, {SOL_SOCKET, SO_PEERGROUPS}, {SOL_SOCKET, SO_ERROR}}));
  base::add_calls(calls, {"accept", "getsockname", "recvfrom", "recvmsg", "sendto", "sendmsg", "close"});
  base::add_calls(calls, {"clock_gettime", "getrandom"});
  return calls;
}

void add(std::vector<base::AllowedPath>& paths, const std::string& directory, base::PathRights rights) {
  if (!directory.empty()) paths.push_back({.path = directory, .rights = rights});
}

base::LandlockRules file_rules(const config::Config& config) {
  base::LandlockRules rules;
  add(rules.paths, config.nts.dump_dir, base::PathRights::read_write);
  add(rules.paths, config.process.dump_dir, base::PathRights::read_write);
  if (!config.clock.drift_file.empty())
    add(rules.paths, std::filesystem::path{config.clock.drift_file}.parent_path(),
        base::PathRights::read_write);
  if (!config.hardware.rtc_file.empty())
    add(rules.paths, std::filesystem::path{config.hardware.rtc_file}.parent_path(),
        base::PathRights::read_write);
  // The folders, since a new file takes the old one's place; and where a link leads.
  for (const std::filesystem::path path : LeapStore::paths(config.clock)) {
    std::error_code none;
    add(rules.paths, path.parent_path(), base::PathRights::read);
    add(rules.paths, std::filesystem::weakly_canonical(path, none).parent_path(), base::PathRights::read);
  }
  return rules;
}

template <class T>
void require(const base::OsResult<T>& done) {
  if (!done) throw std::system_error{done.error().code, std::generic_category(), done.error().call};
}

}  // namespace

void give_up_privileges(const ipc::RoleIdentity& identity, const config::Config& config) {
  if (identity.lock_memory) require(base::lock_memory());
  require(base::drop_privileges(identity.user));
  if (base::sandbox_possible) require(base::install_landlock(file_rules(config)));
}

void forbid_system_calls(const ipc::RoleIdentity& identity, const config::Config& config) {
  if (!base::sandbox_possible) return;
  const auto mode = identity.report_only ? base::SandboxMode::report : base::SandboxMode::enforce;
  auto calls = allowed_calls();
  if (!config.hardware.timestamping.empty()) allow_nic_clocks(calls);
  // It may send to addresses, as a server does; through the journal's socket that would be to other programs
  // of its user. Its other Unix sockets lead to one end each.
  require(
      base::install_seccomp(base::closed_to_others_than_the_journal(std::move(calls)), mode, "gnomon-core"));
}

}  // namespace gnomon::core
