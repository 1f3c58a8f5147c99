// SPDX-License-Identifier: GPL-2.0-or-later
// Hears from the kernel (inotify) that something has changed at paths: a file written, replaced or made, a
// link or folder on the way to it changed. What has changed is for the owner to look at; some news are none.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/os/fd.hpp"

namespace gnomon::base {

class PathWatch {
 public:
  PathWatch() = default;  // hears nothing
  // Of a kernel that has no inotify left, one that hears nothing.
  [[nodiscard]] static PathWatch make();

  // Follows these from now on, and no others; links in them and the folders above included. Of a folder: what
  // lies in it, and what links in it lead to. False: not all changes will be heard of, as a folder may not be
  // read or lies on a file system that others change too. To be called again when something has changed: the
  // way may be another one.
  bool follow(const std::vector<std::string>& paths);
  // Readable when there is news; -1: never.
  [[nodiscard]] int descriptor() const { return events_.get(); }
  // Whether there is news; takes it.
  [[nodiscard]] bool hear();

 private:
  void walk(const std::string& path, bool by_folder, int links_left);
  void walk_links_in(const std::string& folder);
  [[nodiscard]] bool add(const std::string& path, std::uint32_t mask);
  void add_folder(const std::string& folder, std::uint32_t mask);

  Fd events_;
  std::set<int> watches_;  // the kernel's numbers
  std::set<int> wanted_;   // of those, while follow() is at work
  std::set<std::pair<std::string, std::uint32_t>> added_;
  bool complete_ = true;
};

}  // namespace gnomon::base
