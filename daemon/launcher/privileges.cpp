// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/privileges.hpp"

#include "base/os/credentials.hpp"

#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace gnomon::launcher {
namespace {

using base::capability;

struct Capabilities {
  std::uint64_t effective = 0;
  std::uint64_t permitted = 0;
  std::uint64_t inheritable = 0;
};

Capabilities read_capabilities() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> data{};
  if (syscall(SYS_capget, &header, data.data()) != 0) return {};
  const auto join = [](std::uint32_t low, std::uint32_t high) { return std::uint64_t{high} << 32U | low; };
  return {join(data[0].effective, data[1].effective), join(data[0].permitted, data[1].permitted),
          join(data[0].inheritable, data[1].inheritable)};
}

void write_capabilities(const Capabilities& wanted) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  const auto low = [](std::uint64_t set) { return static_cast<std::uint32_t>(set); };
  const auto high = [](std::uint64_t set) { return static_cast<std::uint32_t>(set >> 32U); };
  std::array<__user_cap_data_struct, 2> data{
      __user_cap_data_struct{low(wanted.effective), low(wanted.permitted), low(wanted.inheritable)},
      __user_cap_data_struct{high(wanted.effective), high(wanted.permitted), high(wanted.inheritable)}};
  (void)syscall(SYS_capset, &header, data.data());
}

// setuid, setgid and setpcap: a role drops its privileges itself; kill: ends a role of another user;
// dac_read_search: certificates and keys that only their owner may read; dac_override and chown: folders made
// for the roles' user, and our own files in them; net_bind_service and net_raw: sockets.
std::uint64_t needed_by_roles(bool pass_on_clock) {
  std::uint64_t needed = capability(CAP_SETUID) | capability(CAP_SETGID) | capability(CAP_SETPCAP) |
                         capability(CAP_KILL) | capability(CAP_DAC_READ_SEARCH) |
                         capability(CAP_DAC_OVERRIDE) | capability(CAP_CHOWN) |
                         capability(CAP_NET_BIND_SERVICE) | capability(CAP_NET_RAW);
  if (pass_on_clock) needed |= capability(CAP_SYS_TIME);
  return needed;
}

void keep_as_root(bool pass_on_clock) {
  const auto needed = needed_by_roles(pass_on_clock);
  for (int each = 0; prctl(PR_CAPBSET_READ, each) >= 0; ++each)
    if ((needed & capability(each)) == 0) (void)prctl(PR_CAPBSET_DROP, each);
  const auto kept = read_capabilities().permitted & needed;
  write_capabilities({.effective = kept, .permitted = kept});
}

void pass_on_as_user() {
  auto capabilities = read_capabilities();
  if ((capabilities.permitted & capability(CAP_SYS_TIME)) == 0) return;
  capabilities.inheritable |= capability(CAP_SYS_TIME);
  write_capabilities(capabilities);
  (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_TIME, 0, 0);
}

}  // namespace

Standing read_standing() {
  return {.root = geteuid() == 0,
          .may_set_clock = (read_capabilities().permitted & capability(CAP_SYS_TIME)) != 0};
}

bool user_exists(const std::string& name) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> text(16384);
  return getpwnam_r(name.c_str(), &entry, text.data(), text.size(), &found) == 0 && found != nullptr;
}

void keep_only_what_roles_need(const Standing& standing, bool pass_on_clock) {
  if (standing.root) {
    keep_as_root(pass_on_clock);
  } else if (pass_on_clock) {
    pass_on_as_user();
  }
  (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  // Where it is no root, the roles are its own user: they shall not look into it.
  (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

}  // namespace gnomon::launcher
