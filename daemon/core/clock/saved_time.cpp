// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/clock/saved_time.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "base/number.hpp"
#include "base/os/file.hpp"
#include "base/os/regular_file.hpp"

namespace gnomon::core {

namespace {

constexpr base::Duration longest_advance = std::chrono::hours{24};
constexpr std::int64_t latest = 9'000'000'000;  // s; beyond that a time in nanoseconds ends

}  // namespace

SavedTime::SavedTime(std::string path, base::RealTime built, base::Log& log)
    : path_(std::move(path)), log_(log), initial_(load()), last_(std::max(built, initial_.value_or(built))) {}

std::optional<base::RealTime> SavedTime::load() const {
  if (path_.empty()) return std::nullopt;
  const auto text = base::read_file(path_, 64);
  if (!text) {
    if (text.error().code != ENOENT)
      log_.write(
          base::LogEvent::saved_time_unreadable,
          fmt::format("Could not read the saved time in {}: {}; {}", path_, base::to_string(text.error()),
                      base::remedy_of_reading(text.error().code, "ntsdumpdir` or `driftfile")),
          {{base::LogField::file, path_}});
    return std::nullopt;
  }
  if (const auto end = text->find('\n'); end != text->npos) {
    const auto line = std::string_view{*text}.substr(0, end);
    if (const auto seconds = base::parse_number<std::int64_t>(line, {.low = 1, .high = latest - 1}))
      return base::RealTime{std::chrono::seconds{*seconds}};
  }
  log_.write(base::LogEvent::saved_time_damaged,
             fmt::format("The saved time in {} is not understood and ignored", path_),
             {{base::LogField::file, path_}});
  return std::nullopt;
}

void SavedTime::save(base::RealTime time) {
  if (path_.empty()) return;
  last_ = std::min(time, last_ + longest_advance);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(last_.time_since_epoch()).count();
  const auto written = base::write_file_atomically(path_, fmt::format("{}\n", seconds), 0644);
  if (!written && !std::exchange(failed_, true))
    log_.write(base::LogEvent::saved_time_not_written,
               fmt::format("Could not save the time in {}: {}; {}", path_, base::to_string(written.error()),
                           base::remedy_of_writing(written.error().code, path_, "ntsdumpdir` or `driftfile")),
               {{base::LogField::file, path_}, {base::LogField::os_error, written.error().code}});
}

}  // namespace gnomon::core
