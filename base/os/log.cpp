// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/log.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

#include "base/journal_datagram.hpp"
#include "base/os/clocks.hpp"
#include "base/utc_text.hpp"

namespace gnomon::base {

namespace {

constexpr std::size_t longest_line = 2000;

std::size_t put_prefix(LogFormat format, LogLevel level, char* into) {
  if (format == LogFormat::text_only) return 0;
  if (format == LogFormat::timed) {
    format_utc(read_now().real, into);
    into[utc_text_size] = ' ';
    return utc_text_size + 1;
  }
  into[0] = '<';
  into[1] = static_cast<char>('0' + static_cast<int>(level));
  into[2] = '>';
  return 3;
}

}  // namespace

LogFormat log_format_of(int fd) {
  const char* const stream = std::getenv("JOURNAL_STREAM");
  const bool has_levels = std::getenv(levels_variable) != nullptr;
  struct stat file{};
  if ((stream == nullptr && !has_levels) || fstat(fd, &file) != 0) return LogFormat::timed;
  const auto ours = std::to_string(file.st_dev) + ":" + std::to_string(file.st_ino);
  if (stream != nullptr && ours == stream) return LogFormat::journal;
  return has_levels && S_ISFIFO(file.st_mode) ? LogFormat::levels : LogFormat::timed;
}

void StreamLog::take(const LogMessage& message) {
  const auto level = traits_of(message.event).level;
  if (level > most_verbose_) return;
  std::array<char, longest_line + 32> text{};
  auto size = put_prefix(format_, level, text.data());
  const auto line = message.text.substr(0, longest_line);
  put_harmless(line, LineBreaks::replace, text.data() + size);
  size += line.size();
  text[size++] = '\n';
  // There is nowhere to report that a report cannot be written.
  [[maybe_unused]] const auto written = ::write(fd_, text.data(), size);
}

}  // namespace gnomon::base
