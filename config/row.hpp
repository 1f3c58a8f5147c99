// SPDX-License-Identifier: GPL-2.0-or-later
// What is known of a directive or an option besides what it does: constant data.
#pragma once

#include <limits>
#include <string_view>

namespace gnomon::config {

// Both ends belong to it.
struct Range {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
};
inline constexpr double whole_max = std::numeric_limits<int>::max();
// Seconds, parts per million and ratios: as large as anybody can mean, and small enough to calculate with.
inline constexpr double real_max = 1e12;
inline constexpr Range not_negative{0, real_max};
inline constexpr Range any_real{-real_max, real_max};
inline constexpr Range any_whole{-whole_max, whole_max};
inline constexpr Range count_range{0, whole_max};
inline constexpr Range port_range{0, 65535};

struct Row {
  std::string_view name;
  std::string_view arguments;  // as in a synopsis, empty: takes none
  std::string_view default_value;
  std::string_view text;  // what it does, one sentence
  Range range{};          // of the (first) number among the arguments; infinite: there is none
  Range second{};         // of the next
  Range third{};          // and of all that follow
  bool effect = true;     // false: parsed and checked, without effect in this version
  // A running daemon takes a new value; the others are fixed by a sandbox, a socket, a device, or
  // gnomon-clock's budget, and need a restart.
  bool at_run_time = false;
};

}  // namespace gnomon::config
