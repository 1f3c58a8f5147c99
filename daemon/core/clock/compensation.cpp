// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/clock/compensation.hpp"

#include <charconv>
#include <cmath>

#include <fmt/core.h>

namespace gnomon::core {

namespace {

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first == text.npos ? std::string_view{} : text.substr(first);
}

// Takes a number from the beginning of `text`.
std::optional<double> take_number(std::string_view& text) {
  text = without_blanks(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || !std::isfinite(number)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::optional<TemperaturePoint> parse_point(std::string_view line) {
  const auto temperature = take_number(line);
  const auto compensation = temperature ? take_number(line) : std::nullopt;
  if (!compensation || !without_blanks(line).empty()) return std::nullopt;
  return TemperaturePoint{*temperature, {*compensation}};
}

double between(const TemperaturePoint& a, const TemperaturePoint& b, double temperature) {
  const double slope = (b.compensation.value - a.compensation.value) / (b.temperature - a.temperature);
  return a.compensation.value + (temperature - a.temperature) * slope;
}

}  // namespace

std::optional<double> parse_temperature(std::string_view text) {
  return take_number(text);
}

std::expected<std::vector<TemperaturePoint>, std::string> parse_points(std::string_view text) {
  std::vector<TemperaturePoint> points;
  for (int number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text = end == text.npos ? std::string_view{} : text.substr(end + 1);
    if (without_blanks(line).empty()) continue;
    const auto point = parse_point(line);
    if (!point)
      return std::unexpected(fmt::format("line {} is not a temperature and a compensation in ppm", number));
    if (!points.empty() && point->temperature <= points.back().temperature)
      return std::unexpected(fmt::format("the temperature in line {} is not above the one before", number));
    points.push_back(*point);
  }
  if (points.size() < 2) return std::unexpected("there are fewer than two points");
  return points;
}

base::Ppm compensation_at(double temperature, const config::TemperatureCompensation& settings,
                          const std::vector<TemperaturePoint>& points) {
  if (points.size() < 2) {
    const double above = temperature - settings.t0;
    return {settings.k0.value + above * settings.k1.value + above * above * settings.k2.value};
  }
  std::size_t upper = 1;
  while (upper + 1 < points.size() && points[upper].temperature < temperature) ++upper;
  return {between(points[upper - 1], points[upper], temperature)};
}

// One after the other: the rates multiply.
engine::ClockCommand with_compensation(const engine::ClockCommand& command, base::Ppm compensation) {
  const auto* const rate = std::get_if<engine::SetRate>(&command);
  if (rate == nullptr) return command;
  auto made = *rate;
  made.frequency.value += compensation.value + rate->frequency.value * compensation.ratio();
  return made;
}

engine::ClockChanged without_compensation(const engine::ClockChanged& change, base::Ppm compensation) {
  auto seen = change;
  seen.rate = (change.rate - compensation.ratio()) / (1 + compensation.ratio());
  return seen;
}

}  // namespace gnomon::core
