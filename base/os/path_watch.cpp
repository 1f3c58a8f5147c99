// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/path_watch.hpp"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

namespace gnomon::base {

namespace {

namespace fs = std::filesystem;

constexpr int most_links = 40;  // as the kernel follows

// Each folder, link and file on the way is watched by itself, so that nothing else in a busy folder wakes us;
// a folder as a whole only where something is missing in it, or all in it counts.
constexpr std::uint32_t itself = IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::uint32_t itself_as_link = itself | IN_ATTRIB | IN_DONT_FOLLOW;
constexpr std::uint32_t itself_as_file = itself | IN_ATTRIB | IN_MODIFY | IN_CLOSE_WRITE;
constexpr std::uint32_t names = itself | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR;
constexpr std::uint32_t contents = names | IN_ATTRIB | IN_MODIFY | IN_CLOSE_WRITE;

// File systems that only this kernel writes to; of others it may not tell.
constexpr std::array<std::uint32_t, 14> local_file_systems{
    0xef53,      // ext2, ext3, ext4
    0x58465342,  // xfs
    0x9123683e,  // btrfs
    0x01021994,  // tmpfs
    0x858458f6,  // ramfs
    0x794c7630,  // overlay
    0xf2f52010,  // f2fs
    0x2fc12fc1,  // zfs
    0xca451a4e,  // bcachefs
    0x73717368,  // squashfs
    0xe0f5e1e2,  // erofs
    0x24051905,  // ubifs
    0x72b6,      // jffs2
    0x4d44       // vfat
};

bool is_local(const std::string& path) {
  struct statfs about{};
  if (statfs(path.c_str(), &about) != 0) return false;
  return std::ranges::find(local_file_systems, static_cast<std::uint32_t>(about.f_type)) !=
         local_file_systems.end();
}

}  // namespace

PathWatch PathWatch::make() {
  PathWatch watch;
  watch.events_ = Fd{inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
  return watch;
}

bool PathWatch::follow(const std::vector<std::string>& paths) {
  if (!events_) return false;
  complete_ = true;
  wanted_.clear();
  added_.clear();
  for (const auto& path : paths) {
    walk(path, false, most_links);
    std::error_code error;
    if (fs::is_directory(path, error)) walk_links_in(path);
  }
  for (const int watch : watches_)
    if (!wanted_.contains(watch)) inotify_rm_watch(events_.get(), watch);
  watches_ = std::exchange(wanted_, {});
  return complete_;
}

// From the root on, until something is missing: it may come. Watched first and looked at then, so that
// nothing happens in between. by_folder: what it ends with is one of many, for which their folder is watched.
void PathWatch::walk(const std::string& path, bool by_folder, int links_left) {
  const auto whole = fs::absolute(path).lexically_normal();
  fs::path folder = whole.root_path();
  const auto relative = whole.relative_path();
  for (auto part = relative.begin(); part != relative.end(); ++part) {
    const bool last = std::next(part) == relative.end();
    auto next = folder / *part;
    std::error_code error;
    if (fs::is_symlink(fs::symlink_status(next, error))) {
      if (!add(next.string(), itself_as_link)) add_folder(folder.string(), names);
      if (links_left == 0) return;
      auto rest = folder / fs::read_symlink(next, error);
      for (auto left = std::next(part); left != relative.end(); ++left) rest /= *left;
      return walk(rest.string(), by_folder, links_left - 1);
    }
    if (last && by_folder) return add_folder(folder.string(), contents);
    const bool is_folder = fs::is_directory(next, error);
    if (!add(next.string(), is_folder ? itself : itself_as_file)) {
      const bool is_there = fs::exists(next, error);  // and not ours to read
      add_folder(folder.string(), is_there ? contents : names);
      if (!is_there && !fs::exists(next, error)) return;
    }
    folder = std::move(next);
  }
}

void PathWatch::walk_links_in(const std::string& folder) {
  add_folder(folder, contents);
  std::error_code error;
  for (fs::directory_iterator entry{folder, error}, end; !error && entry != end; entry.increment(error))
    if (entry->is_symlink(error)) walk(entry->path().string(), true, most_links);
}

bool PathWatch::add(const std::string& path, std::uint32_t mask) {
  if (!added_.emplace(path, mask).second) return true;
  const int watch = inotify_add_watch(events_.get(), path.c_str(), mask | IN_MASK_ADD);
  if (watch < 0) return false;
  wanted_.insert(watch);
  if ((mask & IN_DONT_FOLLOW) == 0 && !is_local(path)) complete_ = false;
  return true;
}

void PathWatch::add_folder(const std::string& folder, std::uint32_t mask) {
  if (!add(folder, mask)) complete_ = false;
}

bool PathWatch::hear() {
  if (!events_) return false;
  bool news = false;
  alignas(inotify_event) std::array<char, 4096> events{};
  while (read(events_.get(), events.data(), events.size()) > 0) news = true;
  return news;
}

}  // namespace gnomon::base
