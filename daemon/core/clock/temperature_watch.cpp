// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/clock/temperature_watch.hpp"

#include <cmath>
#include <utility>

#include <fmt/core.h>

#include "base/os/file.hpp"

namespace gnomon::core {

namespace {

using ipc::FileKind;

constexpr std::size_t largest_reading = 4096;
constexpr std::size_t largest_points = 1U << 16U;

std::expected<std::string, std::string> text_of(const base::Fd& file, const std::string& reason,
                                                std::size_t limit) {
  if (!file) return std::unexpected(reason);
  auto text = base::read_to_end(file.get(), limit);
  if (!text) return std::unexpected(base::to_string(text.error()));
  return std::move(*text);
}

}  // namespace

TemperatureWatch::TemperatureWatch(const config::TemperatureCompensation& settings, base::Log& log, Open open)
    : settings_(settings), log_(log), open_(std::move(open)) {}

base::Duration TemperatureWatch::interval() const {
  return base::to_duration(settings_.interval > base::Seconds{} ? settings_.interval : base::Seconds{1});
}

void TemperatureWatch::look() {
  const bool wants_points = !settings_.point_file.empty() && points_.empty();
  open_(wants_points ? FileKind::temperature_points : FileKind::sensor);
}

std::optional<engine::TemperatureRecord> TemperatureWatch::opened(FileKind kind, const base::Fd& file,
                                                                  const std::string& reason,
                                                                  base::RealTime now) {
  if (kind == FileKind::temperature_points) {
    take_points(file, reason);
    return std::nullopt;
  }
  auto why = reason;
  if (const auto text = text_of(file, reason, largest_reading); !text) {
    why = text.error();
  } else {
    if (const auto temperature = parse_temperature(*text)) return take_temperature(*temperature, now);
    why = "it does not begin with a number";
  }
  complain(base::LogEvent::temperature_unreadable,
           fmt::format("Could not read temperature from {}: {}", settings_.sensor_file, why),
           settings_.sensor_file);
  return std::nullopt;
}

void TemperatureWatch::take_points(const base::Fd& file, const std::string& reason) {
  const auto text = text_of(file, reason, largest_points);
  auto points = text ? parse_points(*text) : std::unexpected(text.error());
  if (!points)
    return complain(
        base::LogEvent::temperature_points_unusable,
        fmt::format("Could not read tempcomp points from {}: {}", settings_.point_file, points.error()),
        settings_.point_file);
  points_ = std::move(*points);
  look();
}

std::optional<engine::TemperatureRecord> TemperatureWatch::take_temperature(double temperature,
                                                                            base::RealTime now) {
  const auto compensation = compensation_at(temperature, settings_, points_);
  if (!(std::fabs(compensation.value) <= largest_compensation.value)) {
    complain(base::LogEvent::temperature_out_of_range,
             fmt::format("Temperature compensation of {:.3f} ppm exceeds sanity limit of {:.1f}",
                         compensation.value, largest_compensation.value),
             settings_.sensor_file);
    return std::nullopt;
  }
  if (std::exchange(failed_, false))
    log_.write(base::LogEvent::temperature_resumed,
               fmt::format("The temperature is read from {}", settings_.sensor_file),
               {{base::LogField::file, settings_.sensor_file}});
  last_ = {.time = now, .temperature = temperature, .compensation = compensation};
  return last_;
}

std::optional<engine::TemperatureRecord> TemperatureWatch::last_record(base::RealTime now) const {
  auto record = last_;
  if (record) record->time = now;
  return record;
}

// Until it is better: every reading would say the same.
void TemperatureWatch::complain(base::LogEvent event, const std::string& text, const std::string& file) {
  if (std::exchange(failed_, true)) return;
  log_.write(event, text, {{base::LogField::directive, "tempcomp"}, {base::LogField::file, file}});
}

}  // namespace gnomon::core
