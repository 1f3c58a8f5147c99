// SPDX-License-Identifier: GPL-2.0-or-later
// The options that a source in use takes while the daemon runs, by a command or as the configuration is
// another: one row each, which every way to change them goes by. Stateless.
#pragma once

#include <array>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "base/units.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/values/refusal.hpp"

namespace gnomon::core {

// One with a number.
struct RunTimeOption {
  using Member =
      std::variant<base::PollExponent config::Source::*, base::Stratum config::Source::*,
                   int config::Source::*, base::Seconds config::Source::*, double config::Source::*>;

  std::string_view name;
  double least;  // both belong to it
  double most;
  Member member;

  void set(config::Source& source, double value) const;
};
[[nodiscard]] std::span<const RunTimeOption> run_time_options();

// One of selection, of servers and of reference clocks. `Line`: config::Source or config::RefClock.
template <class Line>
struct SelectOption {
  std::string_view name;
  bool Line::* member;
};
template <class Line>
inline constexpr std::array select_options{
    SelectOption<Line>{"noselect", &Line::no_select}, SelectOption<Line>{"prefer", &Line::prefer},
    SelectOption<Line>{"trust", &Line::trust}, SelectOption<Line>{"require", &Line::require}};

// The option of that name if the value is one that it can have; the error is for the operator.
[[nodiscard]] std::expected<const RunTimeOption*, engine::Refusal> option_for(std::string_view name,
                                                                              double value);

// "+prefer", "-trust". False: it is none of them, and nothing has changed.
template <class Line>
[[nodiscard]] bool set_select_option(Line& line, std::string_view word) {
  if (word.size() < 2 || (word[0] != '+' && word[0] != '-')) return false;
  for (const auto& option : select_options<Line>) {
    if (option.name != word.substr(1)) continue;
    line.*option.member = word[0] == '+';
    return true;
  }
  return false;
}

// The line as it is then.
template <class Line>
[[nodiscard]] std::expected<Line, engine::Refusal> with_select_options(
    Line line, const std::vector<std::string>& words) {
  for (const auto& word : words)
    if (!set_select_option(line, word))
      return std::unexpected(fmt::format(
          "'{}' is not a selection option: use +prefer or -prefer, and likewise noselect, trust, require",
          word));
  return line;
}

// Those of all these that differ between `before` and `now`; others stay as they are in `into`.
void take_options(config::Source& into, const config::Source& before, const config::Source& now);
// Whether nothing else differs.
[[nodiscard]] bool can_take(const config::Source& before, const config::Source& now);

}  // namespace gnomon::core
