// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/source_folders.hpp"

#include <dirent.h>

#include <cerrno>
#include <memory>
#include <utility>

namespace gnomon::launcher {
namespace {

constexpr std::size_t most_files = 10000;  // no folder of sources

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};

// As the shell's *.sources: no hidden ones.
bool is_meant(std::string_view name) {
  return !name.starts_with('.') && name.ends_with(".sources");
}

}  // namespace

SourceFolders SourceFolders::of(const config::Config& config, const std::string& user) {
  std::vector<std::string> folders;
  for (const auto& group : config.process.source_dirs)
    for (const auto& folder : group) folders.push_back(folder);
  return {std::move(folders), user};
}

void SourceFolders::list(std::uint16_t folder) {
  const std::unique_ptr<DIR, CloseFolder> opened{opendir(folders_[folder].c_str())};
  if (!opened) {
    names_.push_back({folder, {}, errno});
    return;
  }
  while (const dirent* const entry = readdir(opened.get()))
    if (is_meant(entry->d_name) && names_.size() < most_files) names_.push_back({folder, entry->d_name});
}

void SourceFolders::look() {
  const base::AsFileUser as{user_};
  names_.clear();
  next_ = 0;
  for (std::size_t i = 0; i < folders_.size(); ++i) list(static_cast<std::uint16_t>(i));
}

std::string SourceFolders::why(const std::string& path, const base::NotOpened& refusal) const {
  if (refusal.error != EACCES || !user_.is_somebody()) return base::why_unreadable(path, refusal);
  return "Permission denied; it must be readable for the user " + user_name_;
}

std::optional<FoundFile> SourceFolders::next() {
  if (next_ >= names_.size()) return std::nullopt;
  const base::AsFileUser as{user_};
  auto& [folder, name, error] = names_[next_++];
  FoundFile found{.folder = folder, .name = std::move(name), .error = error};
  const auto& path = folders_[folder];
  if (found.name.empty()) {
    found.reason = why(path, {error});
    return found;
  }
  const auto opened = base::open_regular_file(path + "/" + found.name);
  if (opened)
    found.file = base::Fd{*opened};
  else
    found.reason = why(path + "/" + found.name, opened.error());
  return found;
}

}  // namespace gnomon::launcher
