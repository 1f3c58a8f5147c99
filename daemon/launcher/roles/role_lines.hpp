// SPDX-License-Identifier: GPL-2.0-or-later
// What one role has written, as it goes into the file of -l or to syslog: a role that has been taken over can
// neither fill the disk nor write a line that looks like somebody else's. A value; time comes in as an
// argument.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/os/log.hpp"
#include "base/time.hpp"

namespace gnomon::launcher {

class RoleLines {
 public:
  // name: stands in each line behind its head. Empty for gnomon-core, whose lines are chrony's.
  // head: timed, a time where a line has one; levels, a level in each line, "<4>" where it has none. writer:
  // whose lines these are, where the name does not say so.
  explicit RoleLines(std::string name, base::LogFormat head = base::LogFormat::timed,
                     std::string writer = "gnomon-core")
      : name_(std::move(name)),
        writer_(name_.empty() ? std::move(writer) : name_),
        has_levels_(head == base::LogFormat::levels) {}

  // What goes on: whole lines, never more of what was written than `burst` octets.
  [[nodiscard]] std::string take(std::string_view written, base::MonoTime now);

  static constexpr std::size_t burst = 256UL * 1024UL;    // octets at once, more than any start writes
  static constexpr std::size_t octets_per_second = 2048;  // and this many in the long run

 private:
  [[nodiscard]] std::string_view head_of(std::string_view line) const;
  [[nodiscard]] std::size_t affordable(std::size_t wanted, base::MonoTime now);

  std::string name_;
  std::string writer_;
  bool has_levels_;
  double octets_ = burst;  // as many times more at `filled_`
  base::MonoTime filled_{};
  std::size_t left_out_ = 0;
};

}  // namespace gnomon::launcher
