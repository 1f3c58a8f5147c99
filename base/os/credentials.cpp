// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/credentials.hpp"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string_view>

#include "base/number.hpp"

namespace gnomon::base {

namespace {

using CapabilityWords = std::array<__user_cap_data_struct, 2>;

OsResult<CapabilityWords> read_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  CapabilityWords words{};
  if (syscall(SYS_capget, &header, words.data()) != 0) return std::unexpected(last_error("capget"));
  return words;
}

CapabilitySet join(std::uint32_t low, std::uint32_t high) {
  return CapabilitySet{high} << 32U | low;
}

OsResult<void> keep_capabilities(CapabilitySet keep) {
  auto words = read_capabilities();
  if (!words) return std::unexpected(words.error());
  for (std::size_t i = 0; i < words->size(); ++i) {
    auto& word = (*words)[i];
    word.permitted &= static_cast<std::uint32_t>(keep >> (32 * i));
    word.effective = word.permitted;
    word.inheritable = 0;
  }
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  if (syscall(SYS_capset, &header, words->data()) != 0) return std::unexpected(last_error("capset"));
  return {};
}

// EPERM (no CAP_SETPCAP) is not a failure: the sets matter only to a program that is executed, and none is.
void empty_bounding_and_ambient() {
  for (unsigned long number = 0;; ++number) {
    const int present = prctl(PR_CAPBSET_READ, number, 0, 0, 0);
    if (present < 0) break;
    if (present > 0) prctl(PR_CAPBSET_DROP, number, 0, 0, 0);
  }
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

struct UserIds {
  uid_t uid;
  gid_t gid;
};

OsResult<UserIds> look_up(const std::string& user) {
  if (user.starts_with('#')) {
    const auto id = parse_number<std::uint32_t>(std::string_view{user}.substr(1), {.low = 1});
    if (!id) return std::unexpected(OsError{"getpwnam", EINVAL});
    return UserIds{*id, *id};
  }
  errno = 0;
  const passwd* const entry = getpwnam(user.c_str());
  if (entry == nullptr) return std::unexpected(OsError{"getpwnam", errno == 0 ? ENOENT : errno});
  return UserIds{entry->pw_uid, entry->pw_gid};
}

OsResult<void> become(const UserIds& ids) {
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return std::unexpected(last_error("prctl(PR_SET_KEEPCAPS)"));
  if (setgroups(0, nullptr) != 0) return std::unexpected(last_error("setgroups"));
  if (setresgid(ids.gid, ids.gid, ids.gid) != 0) return std::unexpected(last_error("setresgid"));
  if (setresuid(ids.uid, ids.uid, ids.uid) != 0) return std::unexpected(last_error("setresuid"));
  return {};
}

bool may_change_user() {
  return geteuid() == 0 || has_rights_over_users();
}

OsResult<void> close_ways_back() {
  const rlimit no_core{0, 0};
  if (setrlimit(RLIMIT_CORE, &no_core) != 0) return std::unexpected(last_error("setrlimit"));
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return std::unexpected(last_error("prctl(PR_SET_DUMPABLE)"));
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return std::unexpected(last_error("prctl(PR_SET_NO_NEW_PRIVS)"));
  if (geteuid() != 0 && setuid(0) == 0) return std::unexpected(OsError{"setuid(0) still succeeds", EPERM});
  return {};
}

}  // namespace

bool has_rights_over_users() {
  const auto wanted = capability(CAP_SETUID) | capability(CAP_SETGID);
  return (effective_capabilities() & wanted) == wanted;
}

CapabilitySet effective_capabilities() {
  const auto words = read_capabilities();
  return words ? join((*words)[0].effective, (*words)[1].effective) : 0;
}

OsResult<void> drop_privileges(const std::string& user, CapabilitySet keep) {
  std::optional<UserIds> ids;
  if (!user.empty() && may_change_user()) {
    const auto found = look_up(user);
    if (!found) return std::unexpected(found.error());
    ids = *found;
  }
  empty_bounding_and_ambient();
  if (ids) {
    if (const auto done = become(*ids); !done) return done;
  }
  if (const auto done = keep_capabilities(keep); !done) return done;
  return close_ways_back();
}

}  // namespace gnomon::base
