// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/control/caller.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace gnomon::core::control {

namespace {

constexpr std::size_t usual_groups = 64;

// None where the kernel cannot tell: then the caller's own group counts alone.
std::vector<gid_t> supplementary_groups(int socket) {
  std::vector<gid_t> groups(usual_groups);
  for (int tries = 0; tries < 2; ++tries) {
    auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    const int result = getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size);
    groups.resize(size / sizeof(gid_t));  // what there is, or what it takes
    if (result == 0) return groups;
    if (errno != ERANGE) break;
  }
  return {};
}

}  // namespace

Right right_of(const Caller& caller, const Operators& operators) {
  if (caller.user == 0) return Right::operate;
  if (caller.user == operators.own || !operators.group) return Right::observe;
  const bool member = std::ranges::find(caller.groups, *operators.group) != caller.groups.end();
  return member ? Right::operate : Right::observe;
}

std::optional<Caller> caller_of(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  Caller caller{.user = peer.uid, .groups = supplementary_groups(socket)};
  caller.groups.push_back(peer.gid);
  return caller;
}

}  // namespace gnomon::core::control
