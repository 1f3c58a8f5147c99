// SPDX-License-Identifier: GPL-2.0-or-later
// The disk as the parser sees it.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace gnomon::config {

// A folder that nothing could be read from.
struct FolderTrouble {
  std::string folder;
  std::string reason;
  bool missing = false;
};

// How files come in, so that parsing itself touches no disk: real_files() in production, a map in tests.
struct FileAccess {
  std::function<std::expected<std::string, std::string>(const std::string& path)> read;  // error: reason text
  // Sorted; of a folder with a slash at its end.
  std::function<std::vector<std::string>(const std::string& pattern)> glob;
  // nullopt: it can be looked into. No function: every folder can.
  std::function<std::optional<FolderTrouble>(const std::string& folder)> folder_trouble{};
};
[[nodiscard]] FileAccess real_files();
// `named` by the user himself may be a pipe, which no other file may be: it is read once, to its end, and
// every later read of it gives the same. Error: its end did not come within `patience`, or it is too long.
[[nodiscard]] FileAccess real_files(const std::string& named, base::Seconds patience = base::Seconds{10});
[[nodiscard]] bool is_pipe(const std::string& path);

}  // namespace gnomon::config
