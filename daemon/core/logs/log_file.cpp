// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/logs/log_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace gnomon::core {

namespace {

constexpr std::size_t most_waiting = 1U << 16U;  // octets

}  // namespace

void LogFile::put(std::string_view line) {
  waiting_ += line;
  waiting_ += '\n';
}

void LogFile::add(std::string_view line) {
  const std::string rule(heading_.size(), '=');
  const bool with_heading = banner_ > 0 && lines_ == 0;
  const std::size_t size = line.size() + 1 + (with_heading ? 3 * (heading_.size() + 1) : 0);
  if (waiting_.size() + size > most_waiting) {
    ++lost_;
    return;
  }
  if (with_heading)
    for (const std::string_view each : {std::string_view{rule}, heading_, std::string_view{rule}}) put(each);
  put(line);
  lines_ = banner_ > 0 ? (lines_ + 1) % banner_ : 0;
}

void LogFile::close() {
  file_.close();
  lines_ = 0;
}

bool LogFile::is_removed() const {
  struct stat file{};
  return fstat(file_.get(), &file) == 0 && file.st_nlink == 0;
}

base::OsResult<void> LogFile::flush() {
  while (!waiting_.empty()) {
    const auto written = ::write(file_.get(), waiting_.data(), waiting_.size());
    if (written > 0)
      waiting_.erase(0, static_cast<std::size_t>(written));
    else if (written == 0 || errno != EINTR)
      return std::unexpected(written == 0 ? base::OsError{"write", ENOSPC} : base::last_error("write"));
  }
  return {};
}

}  // namespace gnomon::core
