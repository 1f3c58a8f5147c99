// SPDX-License-Identifier: GPL-2.0-or-later
// One log file: lines with a heading now and then, written as far as the disk takes them; what it does not
// take waits, whole lines and not without limit. Owned by LogFiles.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/os/error.hpp"
#include "base/os/fd.hpp"

namespace gnomon::core {

class LogFile {
 public:
  // banner: lines between headings; 0: there is none.
  LogFile(std::string_view heading, int banner) : heading_(heading), banner_(banner) {}

  // Without the end of the line.
  void add(std::string_view line);
  // A regular file, open for appending: what waits goes there with the next flush().
  void take(base::Fd file) { file_ = std::move(file); }
  // Another file begins with the heading.
  void close();
  [[nodiscard]] bool is_open() const { return static_cast<bool>(file_); }
  // It was removed, perhaps with its directory: nobody can read what is written there.
  [[nodiscard]] bool is_removed() const;
  // It is open.
  [[nodiscard]] base::OsResult<void> flush();
  // Lines that were given up since this was last asked, as too many waited.
  [[nodiscard]] std::size_t take_lost() { return std::exchange(lost_, 0); }

 private:
  void put(std::string_view line);

  std::string_view heading_;
  int banner_;
  int lines_ = 0;  // since the last heading
  base::Fd file_;
  std::string waiting_;
  std::size_t lost_ = 0;
};

}  // namespace gnomon::core
