// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/rtc.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "base/os/file.hpp"

namespace gnomon::launcher {
namespace {

constexpr std::size_t largest_rtc_file = 4096;

std::optional<base::RtcFile> read_error(const std::string& path, base::Log& log) {
  if (path.empty()) return std::nullopt;
  const auto text = base::read_file(path, largest_rtc_file);
  if (!text && text.error().code == ENOENT) return std::nullopt;
  auto error = text ? base::parse_rtc_file(*text) : std::nullopt;
  if (!error)
    log.write(base::LogEvent::rtc_file_unusable,
              fmt::format("No valid rtcfile coefficients in {}{}", path,
                          text ? std::string{} : ": " + base::to_string(text.error())),
              {{base::LogField::directive, "rtcfile"}, {base::LogField::file, path}});
  return error;
}

// To be read is enough for -s.
base::Fd open_device(const std::string& path, bool to_be_set, base::Log& log) {
  base::Fd device{::open(path.c_str(), (to_be_set ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_CLOEXEC)};
  if (!device)
    log.write(base::LogEvent::rtc_unreadable,
              fmt::format("Could not open RTC device {} : {}", path,
                          strerror(errno)),  // NOLINT(concurrency-mt-unsafe): one thread
              {{base::LogField::file, path}, {base::LogField::os_error, errno}});
  return device;
}

}  // namespace

bool tracks_rtc(const config::Config& config, const config::CommandLine& options) {
  return !config.hardware.rtc_file.empty() && options.mode == config::RunMode::daemon;
}

RealTimeClock open_rtc(const config::Config& config, const config::CommandLine& options, base::Log& log) {
  const bool sets_time = options.set_from_rtc && !options.no_clock_control;
  RealTimeClock rtc{.device = {}, .tracked = tracks_rtc(config, options), .error = {}};
  if (!rtc.tracked && !sets_time) return rtc;
  rtc.device = open_device(config.hardware.rtc_device, rtc.tracked, log);
  if (!rtc.device) return rtc;
  rtc.on_utc = config.hardware.rtc_on_utc;
  if (sets_time) rtc.error = read_error(config.hardware.rtc_file, log);
  return rtc;
}

}  // namespace gnomon::launcher
