// SPDX-License-Identifier: GPL-2.0-or-later
// What an operator may tell the timekeeper while it runs (chronyc's makestep, reselect, local, manual ...),
// as values; made by the control interface.
#pragma once

#include <cstddef>
#include <optional>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "base/units.hpp"
#include "config/config.hpp"

namespace gnomon::engine {

// The rest of the correction at once; steering that maxchange has frozen goes on.
struct CorrectNow {};
// Steps from that size on in the next so many updates (negative: in all), as far as the clock helper's budget
// goes.
struct AllowSteps {
  config::MakeStep make_step;
};
struct LimitUpdateSkew {
  base::Ppm limit;
};
struct SelectAnew {};
struct SetReselectDistance {
  base::Seconds distance{};
};
struct ServeLocal {
  std::optional<config::Local> local;  // nullopt: not any more
};
struct AddFrequency {
  base::Ppm faster;  // positive: our clock runs faster than was thought, slow it down
};
struct AddOffset {
  base::Seconds ahead{};  // positive: our clock is ahead of what was thought, set it back
};
// Times entered by hand.
struct AcceptManual {
  bool accept = true;
};
struct ForgetManual {};
struct DeleteManual {
  std::size_t index = 0;
};
using OperatorCommand =
    std::variant<CorrectNow, AllowSteps, LimitUpdateSkew, SelectAnew, SetReselectDistance, ServeLocal,
                 AddFrequency, AddOffset, AcceptManual, ForgetManual, DeleteManual>;

// What entering a time has shown (chrony's signs: positive, our clock is fast).
struct ManualOutcome {
  base::Seconds offset{};
  base::Ppm frequency_change;
  base::Ppm frequency;
};
struct ManualEntry {
  base::RealTime time;       // system clock when it was entered
  base::Seconds slewed{};    // offset of the clock as corrected since; positive: our clock is ahead
  base::Seconds original{};  // offset when it was entered
  base::Seconds residual{};  // from the line through all entries
};

}  // namespace gnomon::engine
