// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/permissions.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace gnomon::ctl {

namespace {

mode_t wanted_bit(Access access) {
  switch (access) {
    case Access::read:
      return S_IROTH;
    case Access::write:
      return S_IWOTH;
    case Access::search:
      return S_IXOTH;
  }
  return 0;
}

bool allows(const struct stat& file, const Account& account, Access access) {
  if (account.user == 0) return true;
  constexpr int per_class = 3;  // bits of owner, group and others
  auto bit = wanted_bit(access);
  if (account.user == file.st_uid)
    bit <<= 2 * per_class;
  else if (std::ranges::find(account.groups, file.st_gid) != account.groups.end())
    bit <<= per_class;
  return (file.st_mode & bit) != 0;
}

// Of one file, links followed.
Permission permission_for(const std::string& path, const Account& account, Access access) {
  struct stat file{};
  if (stat(path.c_str(), &file) == 0)
    return allows(file, account, access) ? Permission::granted : Permission::denied;
  return errno == ENOENT || errno == ENOTDIR ? Permission::missing : Permission::unknown;
}

}  // namespace

std::expected<Account, std::string> account_of(const std::string& name) {
  const passwd* const found = getpwnam(name.c_str());
  if (found == nullptr) return std::unexpected("there is no user '" + name + "'");
  Account account{.name = name, .user = found->pw_uid, .groups = {}};
  constexpr int most_groups = 1024;
  account.groups.resize(most_groups);
  int count = most_groups;
  if (getgrouplist(name.c_str(), found->pw_gid, account.groups.data(), &count) < 0) count = most_groups;
  account.groups.resize(static_cast<std::size_t>(std::clamp(count, 0, most_groups)));
  return account;
}

Answer may(const Account& account, const std::string& path, Access access) {
  namespace fs = std::filesystem;
  const fs::path whole = fs::absolute(path).lexically_normal();
  fs::path walked;
  for (const auto& part : whole) {
    if (part.empty()) continue;
    walked /= part;
    const bool last = walked == whole;
    if (std::ranges::find(account.given, walked.string()) != account.given.end()) continue;
    const auto permission = permission_for(walked.string(), account, last ? access : Access::search);
    if (permission != Permission::granted) return {permission, walked.string()};
  }
  return {};
}

}  // namespace gnomon::ctl
