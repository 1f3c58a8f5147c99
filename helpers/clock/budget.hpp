// SPDX-License-Identifier: GPL-2.0-or-later
// The limits of gnomon-clock: fixed at its start, they hold whatever the core asks for. Owned by the service.
#pragma once

#include <cstdint>
#include <expected>

#include "ipc/clock_messages.hpp"

namespace gnomon::clock {

struct Refusal {
  ipc::ClockRefusal reason{};
  double asked = 0;    // in the unit of `allowed`
  double allowed = 0;  // the limit that was passed: ppm, seconds or a count of steps
  const char* limit = "";
  const char* unit = "";
};

// Pure: knows no clock. What has been checked and then carried out is counted by the caller's word.
class Budget {
 public:
  explicit Budget(const ipc::ClockBudget& limits) : limits_(limits) {}

  [[nodiscard]] std::expected<void, Refusal> check(const ipc::Adjust& request) const;
  [[nodiscard]] std::expected<void, Refusal> check(const ipc::Step& request) const;
  void adjusted();
  void stepped();

 private:
  [[nodiscard]] std::expected<void, Refusal> check_change(double seconds) const;

  ipc::ClockBudget limits_;
  std::int32_t steps_ = 0;    // carried out
  std::int32_t updates_ = 0;  // steps and slews carried out; saturates
};

}  // namespace gnomon::clock
