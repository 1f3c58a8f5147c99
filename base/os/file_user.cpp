// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/file_user.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/fsuid.h>
#include <unistd.h>

#include "base/os/groups.hpp"

namespace gnomon::base {

FileUser::FileUser(const std::string& name) {
  if (name.empty() || geteuid() != 0) return;
  if (const passwd* const entry = getpwnam(name.c_str())) ids_ = {entry->pw_uid, entry->pw_gid};
}

AsFileUser::AsFileUser(const FileUser& user) {
  if (!user.ids_) return;
  groups_ = supplementary_groups();
  changed_ = true;
  (void)setgroups(0, nullptr);
  setfsgid(user.ids_->group);
  // With this the kernel takes CAP_DAC_OVERRIDE and the like away, and gives them back with the next.
  setfsuid(user.ids_->user);
}

AsFileUser::~AsFileUser() {
  if (!changed_) return;
  setfsuid(geteuid());
  setfsgid(getegid());
  (void)setgroups(groups_.size(), groups_.data());
}

}  // namespace gnomon::base
