// SPDX-License-Identifier: GPL-2.0-or-later
// The limits of gnomon-clock: fixed at startup, they hold whatever the core asks for. Owned by the service.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>

#include "base/time.hpp"
#include "helpers/clock/memory.hpp"
#include "ipc/clock_messages.hpp"

namespace gnomon::clock {

struct Refusal {
  ipc::ClockRefusal reason{};
  double asked = 0;    // in the unit of `allowed`
  double allowed = 0;  // the limit that was passed: ppm, seconds or a count
  const char* limit = "";
  const char* unit = "";
};

// Pure: knows no clock, but is told what it reads. What has been checked and then carried out is counted by
// the caller's word. Without the time nothing is allowed that only a leap second excuses.
class Budget {
 public:
  explicit Budget(const ipc::ClockBudget& limits, const Counts& counts = {})
      : limits_(limits), counts_(counts) {}

  [[nodiscard]] std::expected<void, Refusal> check(const ipc::Adjust& request, base::RealTime now = {}) const;
  [[nodiscard]] std::expected<void, Refusal> check(const ipc::Step& request, base::RealTime now = {}) const;
  [[nodiscard]] std::expected<void, Refusal> check(const ipc::SetStatus& request, base::RealTime now) const;
  void adjusted(const ipc::Adjust& request = {}, base::RealTime now = {});
  void stepped(const ipc::Step& request = {}, base::RealTime now = {});  // `now`: before the step
  // Whether it makes a leap second, once for each.
  [[nodiscard]] bool is_leap_step(const ipc::Step& request, base::RealTime now) const;
  [[nodiscard]] bool is_leap_slew(const ipc::Adjust& request, base::RealTime now) const;
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  [[nodiscard]] std::expected<void, Refusal> check_change(base::Seconds change, base::Seconds excused) const;

  ipc::ClockBudget limits_;
  Counts counts_;
};

}  // namespace gnomon::clock
