// SPDX-License-Identifier: GPL-2.0-or-later
// Directives that bring in other files, and the order in which directories are searched.
#include <algorithm>
#include <array>
#include <utility>

#include "config/directives.hpp"

namespace gnomon::config {

namespace {

constexpr std::size_t most_dirs = 10;

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::vector<std::string> read_dirs(Arguments& a) {
  std::vector<std::string> dirs;
  do {
    dirs.emplace_back(a.text());
  } while (a.more() && dirs.size() < most_dirs);
  return dirs;
}

// One that only matches by its name; to chrony it is an empty file.
bool is_folder(std::string& path, std::vector<FolderTrouble>& troubles) {
  if (!path.ends_with('/')) return false;
  path.pop_back();
  troubles.push_back({path, "it is a directory, not a file"});
  return true;
}

// A name without a pattern in it must exist; a pattern may match nothing.
void include_files(ParseState& state, Arguments& a) {
  std::string path{a.text()};
  if (a.failed()) return;
  if (path.find_first_of("*?[") == path.npos)
    state.follow.push_back(std::move(path));
  else
    for (auto& found : state.files->glob(path))
      if (!is_folder(found, state.troubles)) state.follow.push_back(std::move(found));
}

constexpr std::array files_table{
    Directive{{.name = "include",
               .arguments = "FILE|PATTERN",
               .text = "Reads this file, or all that match the pattern, in place of this line."},
              include_files,
              nullptr,
              true,
              true},
    Directive{{.name = "confdir",
               .arguments = "DIRECTORY...",
               .text = "Reads every *.conf file of up to ten directories, in the order of the file names; of "
                       "two files with the same name, only the one in the directory named first."},
              [](ParseState& state, Arguments& a) {
                const auto dirs = read_dirs(a);
                if (!a.failed() && !a.more())
                  state.follow = search_dirs(dirs, ".conf", *state.files, state.troubles);
              },
              nullptr,
              true,
              true},
    Directive{
        {.name = "sourcedir",
         .arguments = "DIRECTORY...",
         .text = "Takes sources from every *.sources file of up to ten directories, found as for confdir; "
                 "they can be reloaded while the daemon runs."},
        [](ParseState& state, Arguments& a) { state.config.process.source_dirs.push_back(read_dirs(a)); },
        nullptr,
        true},
};

}  // namespace

std::span<const Directive> file_directives() {
  return files_table;
}

std::vector<std::string> search_dirs(const std::vector<std::string>& dirs, std::string_view suffix,
                                     const FileAccess& files, std::vector<FolderTrouble>& troubles) {
  std::vector<std::string> found;
  for (const auto& dir : dirs) {
    if (auto trouble = files.folder_trouble ? files.folder_trouble(dir) : std::nullopt)
      troubles.push_back(std::move(*trouble));
    for (auto& path : files.glob(dir + "/*" + std::string{suffix})) {
      if (is_folder(path, troubles)) continue;
      const bool shadowed = std::ranges::any_of(
          found, [&](const std::string& earlier) { return base_name(earlier) == base_name(path); });
      if (!shadowed) found.push_back(std::move(path));
    }
  }
  std::ranges::sort(found, {}, [](const std::string& path) { return base_name(path); });
  return found;
}

}  // namespace gnomon::config
