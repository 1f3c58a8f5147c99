// SPDX-License-Identifier: GPL-2.0-or-later
// The files of `sourcedir`, opened for the core, which can open nothing outside its state, so that
// directories created later and links that lead elsewhere work. They are opened with the rights of the core's
// user, and not read here. Owned by the supervisor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/os/fd.hpp"
#include "base/os/file_user.hpp"
#include "base/os/regular_file.hpp"
#include "config/config.hpp"

namespace gnomon::launcher {

struct FoundFile {
  std::uint16_t folder = 0;  // its number over all sourcedir directives
  std::string name;          // empty: the folder itself could not be looked into
  int error = 0;             // of the folder
  std::string reason;        // why there is no descriptor
  base::Fd file;
};

class SourceFolders {
 public:
  SourceFolders(std::vector<std::string> folders, const std::string& user)
      : folders_(std::move(folders)), user_name_(user), user_(user) {}
  [[nodiscard]] static SourceFolders of(const config::Config& config, const std::string& user);

  [[nodiscard]] bool wanted() const { return !folders_.empty(); }
  void look();  // lists what there is now; next() starts over
  [[nodiscard]] std::optional<FoundFile> next();

 private:
  struct Name {
    std::uint16_t folder;
    std::string name;
    int error = 0;
  };
  void list(std::uint16_t folder);
  [[nodiscard]] std::string why(const std::string& path, const base::NotOpened& refusal) const;

  std::vector<std::string> folders_;
  std::string user_name_;
  base::FileUser user_;
  std::vector<Name> names_;
  std::size_t next_ = 0;
};

}  // namespace gnomon::launcher
