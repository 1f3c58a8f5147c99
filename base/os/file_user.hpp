// SPDX-License-Identifier: GPL-2.0-or-later
// Files checked with another user's rights, by a single-threaded process that may change users.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace gnomon::base {

// The ids of a user, looked up once. An empty name, an unknown user, and a process that may not change users:
// nobody.
class FileUser {
 public:
  explicit FileUser(const std::string& name);
  [[nodiscard]] bool is_somebody() const { return ids_.has_value(); }

 private:
  friend class AsFileUser;
  struct Ids {
    uid_t user;
    gid_t group;
  };
  std::optional<Ids> ids_;
};

// As long as it lives files are opened with that user's rights, as a role has them: without further groups.
// For nobody: with our own.
class AsFileUser {
 public:
  explicit AsFileUser(const FileUser& user);
  AsFileUser(const AsFileUser&) = delete;
  AsFileUser& operator=(const AsFileUser&) = delete;
  ~AsFileUser();

 private:
  bool changed_ = false;
  std::vector<gid_t> groups_;
};

}  // namespace gnomon::base
