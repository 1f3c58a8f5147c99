// SPDX-License-Identifier: GPL-2.0-or-later
// Ends the process, to be restarted, when the files used to resolve names have changed: a lookup that waits
// for name servers of yesterday's resolv.conf would not notice for half a minute, and a name that was not
// found is asked for again at once. A thread of its own, which sleeps while all names are found, and where
// the kernel tells of changes otherwise, too.
#pragma once

#include <mutex>
#include <thread>

#include "base/os/fd.hpp"
#include "base/os/path_watch.hpp"
#include "helpers/resolve/name_files.hpp"

namespace gnomon::resolve {

// What the process ends with then; gnomond knows it (daemon/launcher/roles/role_id.hpp).
inline constexpr int files_changed_status = 4;

class FileWatch {
 public:
  // `channel`: to the core, which is told before the end.
  FileWatch(const NameFiles& files, int channel);
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;
  ~FileWatch();

  // The thread exists from here on. When the process has given up its privileges and files, which threads do
  // not share with each other, and before the filter forbids to start one.
  void start();

  // Before a lookup, of which several may be under way. Ends the process if what it is about to read is not
  // what it may read.
  void begin_lookup();
  void end_lookup(bool found);

 private:
  void watch();
  [[nodiscard]] int patience();
  [[nodiscard]] bool wait(int patience);
  void wake() const;
  [[noreturn]] void leave() const;

  const NameFiles& files_;
  int channel_;
  std::mutex mutex_;
  base::PathWatch news_;
  bool told_;       // of all changes
  base::Fd woken_;  // readable, or at its end, when wake_ is written to, or closed
  base::Fd wake_;
  int lookups_ = 0;     // under way
  int looks_left_ = 0;  // after the last lookup
  bool over_ = false;
  std::thread thread_;
};

}  // namespace gnomon::resolve
