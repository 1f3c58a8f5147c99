// SPDX-License-Identifier: GPL-2.0-or-later
// What a temperature says of the clock (chrony.conf(5), `tempcomp`): a known part of its frequency, so that
// the engine sees an oscillator without it. Values; stateless.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "config/hardware.hpp"
#include "daemon/core/engine/values/clock_command.hpp"

namespace gnomon::core {

struct TemperaturePoint {
  double temperature = 0;
  base::Ppm compensation;
};
// "20000 1.0" in each line, at least two; the error is a sentence.
[[nodiscard]] std::expected<std::vector<TemperaturePoint>, std::string> parse_points(std::string_view text);
// The number that the text begins with; what follows does not matter.
[[nodiscard]] std::optional<double> parse_temperature(std::string_view text);

// The largest that is applied, either way.
inline constexpr base::Ppm largest_compensation{10};
// By the line between the two points around the temperature (or beyond the last ones); without points by the
// formula. Positive: the clock is to be made faster.
[[nodiscard]] base::Ppm compensation_at(double temperature, const config::TemperatureCompensation& settings,
                                        const std::vector<TemperaturePoint>& points);

// A command for the clock as it is, from one for the compensated clock; and what came of it, the other way.
[[nodiscard]] engine::ClockCommand with_compensation(const engine::ClockCommand& command,
                                                     base::Ppm compensation);
[[nodiscard]] engine::ClockChanged without_compensation(const engine::ClockChanged& change,
                                                        base::Ppm compensation);

}  // namespace gnomon::core
