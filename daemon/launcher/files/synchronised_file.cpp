// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/synchronised_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "base/os/fd.hpp"

namespace gnomon::launcher {

SynchronisedFile::SynchronisedFile(std::string path) : path_(std::move(path)) {
  set(false);
}

SynchronisedFile::SynchronisedFile(SynchronisedFile&& other) noexcept
    : path_(std::exchange(other.path_, std::string{})) {}

SynchronisedFile& SynchronisedFile::operator=(SynchronisedFile&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

SynchronisedFile::~SynchronisedFile() {
  set(false);
}

// Who watches it has nothing from us while it cannot be made: others say the same with other means. One that
// is there already is good, or in systemd-timesyncd's directory another name of somebody's file: left alone.
void SynchronisedFile::set(bool synchronised) {
  if (path_.empty()) return;
  if (!synchronised) {
    unlink(path_.c_str());
    return;
  }
  const base::Fd file{open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)};
  if (file) static_cast<void>(fchmod(file.get(), 0644));  // whatever the umask
}

}  // namespace gnomon::launcher
