// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/drop_privileges.hpp"

#include "base/os/credentials.hpp"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

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

base::OsResult<void> write_capabilities(const Capabilities& wanted) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  const auto low = [](std::uint64_t set) { return static_cast<std::uint32_t>(set); };
  const auto high = [](std::uint64_t set) { return static_cast<std::uint32_t>(set >> 32U); };
  std::array<__user_cap_data_struct, 2> data{
      __user_cap_data_struct{low(wanted.effective), low(wanted.permitted), low(wanted.inheritable)},
      __user_cap_data_struct{high(wanted.effective), high(wanted.permitted), high(wanted.inheritable)}};
  if (syscall(SYS_capset, &header, data.data()) != 0) return std::unexpected(base::last_error("capset"));
  return {};
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

base::OsResult<void> keep_as_root(bool pass_on_clock, base::CapabilitySet further) {
  const auto needed = needed_by_roles(pass_on_clock) | further;
  for (int each = 0; prctl(PR_CAPBSET_READ, each) >= 0; ++each)
    if ((needed & capability(each)) == 0) (void)prctl(PR_CAPBSET_DROP, each);
  const auto kept = read_capabilities().permitted & needed;
  return write_capabilities({.effective = kept, .permitted = kept});
}

base::OsResult<void> pass_on_as_user() {
  auto capabilities = read_capabilities();
  if ((capabilities.permitted & capability(CAP_SYS_TIME)) == 0) return {};
  capabilities.inheritable |= capability(CAP_SYS_TIME);
  if (const auto written = write_capabilities(capabilities); !written) return written;
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_TIME, 0, 0) != 0)
    return std::unexpected(base::last_error("prctl(PR_CAP_AMBIENT_RAISE)"));
  return {};
}

}  // namespace

Privileges read_privileges() {
  return {.root = geteuid() == 0,
          .may_set_clock = (read_capabilities().permitted & capability(CAP_SYS_TIME)) != 0,
          .may_change_user = base::has_rights_over_users()};
}

std::expected<bool, std::string> user_exists(const std::string& name) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> text(16384);
  const int error = getpwnam_r(name.c_str(), &entry, text.data(), text.size(), &found);
  if (found != nullptr) return true;
  if (error == 0 || error == ENOENT || error == ESRCH) return false;
  return std::unexpected(fmt::format("Could not look up the user '{}' for the daemon to run as: {}", name,
                                     base::to_string(base::OsError{"getpwnam_r", error})));
}

uid_t user_number(const std::string& name) {
  const passwd* const found = name.empty() ? nullptr : getpwnam(name.c_str());
  return found == nullptr ? geteuid() : found->pw_uid;
}

std::int64_t operators_group() {
  const group* const found = getgrnam(operators_group_name);
  return found == nullptr ? -1 : std::int64_t{found->gr_gid};
}

base::OsResult<void> keep_only_what_roles_need(const Privileges& privileges, bool pass_on_clock,
                                               base::CapabilitySet further) {
  base::OsResult<void> done;
  if (privileges.root)
    done = keep_as_root(pass_on_clock, further);
  else if (pass_on_clock)
    done = pass_on_as_user();
  if (!done) return done;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return std::unexpected(base::last_error("prctl(PR_SET_NO_NEW_PRIVS)"));
  // Without root, the roles run as its own user: they must not inspect it.
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    return std::unexpected(base::last_error("prctl(PR_SET_DUMPABLE)"));
  return {};
}

}  // namespace gnomon::launcher
