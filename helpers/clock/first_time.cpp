// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/clock/first_time.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <expected>

#include "base/os/rtc.hpp"
#include "base/rtc_file.hpp"

namespace gnomon::clock {

namespace {

using namespace std::chrono_literals;

std::expected<std::int64_t, int> read_once(RtcDevice& device, bool on_utc) {
  const auto date = device.read();
  if (!date) return std::unexpected(date.error());
  const auto seconds = base::rtc_seconds(*date, on_utc);
  if (!seconds) return std::unexpected(ERANGE);
  return *seconds;
}

// It counts whole seconds only: its time is exact when one begins.
std::expected<base::RealTime, int> read_rtc(const ipc::FirstTime& from, RtcDevice& device, bool on_utc) {
  constexpr timespec pause{0, 2'000'000};
  constexpr int most_readings = 600;
  const auto first = read_once(device, on_utc);
  auto last = first;
  for (int i = 0; i < most_readings && last && *last == *first; ++i) {
    nanosleep(&pause, nullptr);
    last = read_once(device, on_utc);
  }
  if (!last) return std::unexpected(last.error());
  const base::RtcFile error{from.rtc_reference, base::Seconds{from.rtc_fast_s}, base::Ppm{from.rtc_gain_ppm}};
  return base::RealTime{std::chrono::seconds{*last}} - base::to_duration(error.fast_at(*last));
}

void complain(base::Log& log, const std::string& device, int error) {
  std::array<char, 300> line{};
  std::snprintf(line.data(), line.size(), "Could not read the real-time clock %s for -s (errno %d)",
                device.c_str(), error);
  log.write(base::LogEvent::rtc_unreadable, line.data(),
            {{base::LogField::file, device}, {base::LogField::os_error, error}});
}

}  // namespace

std::optional<FirstStep> first_step(base::RealTime now, std::optional<base::RealTime> rtc,
                                    std::optional<base::RealTime> not_before) {
  if (rtc && (!not_before || *rtc >= *not_before)) return FirstStep{*rtc - now, true};
  if (not_before && *not_before > now) return FirstStep{*not_before - now, false};
  return std::nullopt;
}

void set_first_time(const ipc::FirstTime& from, const ipc::RtcSetup& setup, RtcDevice* device,
                    const Memory* remembered, base::SystemClock& clock, base::Log& log) {
  if (remembered != nullptr && remembered->mark == Memory::valid) return;
  std::array<char, 300> line{};
  std::optional<base::RealTime> rtc;
  // That it could not be opened was said when that was tried.
  if (device != nullptr) {
    const auto read = read_rtc(from, *device, setup.on_utc);
    if (read)
      rtc = *read;
    else
      complain(log, setup.device, read.error());
  }
  const auto floor = from.not_before_s > 0
                         ? std::optional{base::RealTime{base::to_duration(base::Seconds{from.not_before_s})}}
                         : std::nullopt;
  const auto step = first_step(clock.now().real, rtc, floor);
  if (rtc && (!step || !step->from_rtc))
    log.write(base::LogEvent::rtc_behind,
              "The real-time clock is behind the time the driftfile was last written and is ignored: is its "
              "battery empty?");
  if (!step) return;
  if (const auto done = base::step_clock(clock, step->offset); !done) {
    log.write(base::LogEvent::first_time_not_set,
              "Could not set the system clock for -s: " + base::to_string(done.error()),
              {{base::LogField::os_error, done.error().code}});
    return;
  }
  std::snprintf(line.data(), line.size(), "System time set from %s, by %.3f seconds",
                step->from_rtc ? "the real-time clock" : "the driftfile's timestamp",
                base::to_seconds(step->offset).count());
  log.write(base::LogEvent::first_time_set, line.data(),
            {{base::LogField::offset, base::to_seconds(step->offset).count()}});
}

}  // namespace gnomon::clock
