// SPDX-License-Identifier: GPL-2.0-or-later
// Everything that can happen to the timekeeper, as one value: given the same state and the same inputs in the
// same order it comes to the same decisions. The clock driver hands inputs in, a record keeps them, and
// gnomon-replay hands them in again.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <variant>

#include "base/time.hpp"
#include "base/units.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/discipline/timekeeper.hpp"
#include "daemon/core/engine/leap/leap_table.hpp"
#include "daemon/core/engine/values/clock_command.hpp"
#include "daemon/core/engine/values/decisions.hpp"
#include "daemon/core/engine/values/dump_file.hpp"
#include "daemon/core/engine/values/operator_command.hpp"
#include "daemon/core/engine/values/refusal.hpp"
#include "daemon/core/engine/values/sample.hpp"
#include "daemon/core/engine/values/source_status.hpp"

namespace gnomon::engine {

// One for each function of the timekeeper that changes it; what they mean is said there.
namespace input {

struct Add {
  SourceTraits traits;
};
struct Remove {
  base::SourceId source;
};
struct SetAddress {
  base::SourceId source;
  base::IpAddress address;
};
struct SetProvisional {
  base::SourceId source;
  bool provisional = false;
};
struct Reconfigure {
  base::SourceId source;
  config::Source options;
};
struct Retune {
  Tuning before;
  Tuning now;
};
struct Await {
  base::SourceId source;
  std::optional<base::MonoTime> until;
};
// An association or a reference clock has made a step.
struct Update {
  base::SourceId source;
  SourceStatus status;
  std::optional<Sample> sample;
  base::Now now;
};
struct Tick {
  base::Now now;
};
struct ClockChange {
  ClockChanged change;
  base::Now now;
};
struct ClockJump {
  base::Duration by{};
  base::Duration asleep{};
  base::Now now;
};
struct StepRefused {
  base::Now now;
};
struct Command {
  OperatorCommand command;
  base::Now now;
};
struct TimeEntered {
  base::RealTime time;
  base::Now now;
};
struct LeapSecondsKnown {
  LeapTable table;
};
struct InitialOver {};
struct ActivateSmoothing {
  base::Now now;
};
struct ResetSmoothing {
  base::Now now;
};
struct Restore {
  base::SourceId source;
  Dump dump;
  base::Now now;
};
struct Reset {
  base::Now now;
};

}  // namespace input

using Input = std::variant<input::Add, input::Remove, input::SetAddress, input::SetProvisional,
                           input::Reconfigure, input::Retune, input::Await, input::Update, input::Tick,
                           input::ClockChange, input::ClockJump, input::StepRefused, input::Command,
                           input::TimeEntered, input::LeapSecondsKnown, input::InitialOver,
                           input::ActivateSmoothing, input::ResetSmoothing, input::Restore, input::Reset>;
// In the order of the variant; in records, so that they never change their meaning.
inline constexpr std::array<std::string_view, std::variant_size_v<Input>> input_names{"add",
                                                                                      "remove",
                                                                                      "set_address",
                                                                                      "set_provisional",
                                                                                      "reconfigure",
                                                                                      "retune",
                                                                                      "await",
                                                                                      "update",
                                                                                      "tick",
                                                                                      "clock_changed",
                                                                                      "clock_jumped",
                                                                                      "step_refused",
                                                                                      "command",
                                                                                      "time_entered",
                                                                                      "leap_seconds_known",
                                                                                      "initial_over",
                                                                                      "activate_smoothing",
                                                                                      "reset_smoothing",
                                                                                      "restore",
                                                                                      "reset"};

// What came of an input.
struct InputResult {
  Decisions decisions{};
  std::optional<Refusal> refusal{};        // of a command or a time entered by hand: nothing was done
  std::optional<ManualOutcome> entered{};  // of a time entered by hand
  bool configured = true;                  // false: of smoothing, which is not
};

[[nodiscard]] InputResult hand_in(Timekeeper& keeper, const Input& input);

}  // namespace gnomon::engine
