// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/sources/run_time_options.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <type_traits>

namespace gnomon::core {

namespace {

using config::Source;

constexpr std::array options{
    RunTimeOption{"minpoll", -7, 24, &Source::min_poll},
    RunTimeOption{"maxpoll", -7, 24, &Source::max_poll},
    RunTimeOption{"maxdelay", 0, 1e3, &Source::max_delay},
    RunTimeOption{"maxdelayratio", 0, 1e6, &Source::max_delay_ratio},
    RunTimeOption{"maxdelaydevratio", 0, 1e6, &Source::max_delay_dev_ratio},
    RunTimeOption{"minstratum", 0, 16, &Source::min_stratum},
    RunTimeOption{"offset", -1e10, 1e10, &Source::offset},
    RunTimeOption{"polltarget", 1, 1e6, &Source::poll_target},
};

template <class T>
T value_of(double value) {
  if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, base::Seconds>)
    return static_cast<T>(value);
  else
    return T{static_cast<decltype(T::value)>(value)};
}

bool is_whole(const RunTimeOption& option) {
  return !std::holds_alternative<base::Seconds Source::*>(option.member) &&
         !std::holds_alternative<double Source::*>(option.member);
}

template <class T>
void take(Source& into, const Source& before, const Source& now, T Source::* member) {
  if (before.*member != now.*member) into.*member = now.*member;
}

}  // namespace

std::span<const RunTimeOption> run_time_options() {
  return options;
}

void RunTimeOption::set(Source& source, double value) const {
  std::visit([&]<class T>(T Source::* which) { source.*which = value_of<T>(value); }, member);
}

std::expected<const RunTimeOption*, engine::Refusal> option_for(std::string_view name, double value) {
  const auto* const option = std::ranges::find(options, name, &RunTimeOption::name);
  if (option == options.end())
    return std::unexpected(fmt::format("'{}' cannot be changed while the daemon runs", name));
  const bool whole = is_whole(*option);
  if (!(value >= option->least && value <= option->most) || (whole && value != std::floor(value)))
    return std::unexpected(fmt::format("{} must be {}{} to {}", name, whole ? "a whole number, " : "",
                                       option->least, option->most));
  return option;
}

void take_options(Source& into, const Source& before, const Source& now) {
  for (const auto& option : options)
    std::visit([&](auto member) { take(into, before, now, member); }, option.member);
  for (const auto& option : select_options<Source>) take(into, before, now, option.member);
}

bool can_take(const Source& before, const Source& now) {
  auto changed = before;
  take_options(changed, before, now);
  return changed == now;
}

}  // namespace gnomon::core
