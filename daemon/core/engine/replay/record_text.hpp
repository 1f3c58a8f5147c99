// SPDX-License-Identifier: GPL-2.0-or-later
// The lines of a record as the daemon makes them, each a JSON object that begins with its kind; whoever
// writes the file numbers and seals them (ctl/record). gnomon-replay(1) describes
// all of them. Stateless.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "base/units.hpp"
#include "daemon/core/engine/association/events.hpp"
#include "daemon/core/engine/replay/input.hpp"

namespace gnomon::engine::replay {

inline constexpr int record_format = 1;

// Of the state and the inputs, see layout.hpp.
[[nodiscard]] const std::string& record_layout();

// The first line. `program`: name and version.
[[nodiscard]] std::string record_line(std::string_view program, const base::Now& now);
[[nodiscard]] std::string configuration_line(std::string_view line);
[[nodiscard]] std::string state_line(const Timekeeper& keeper);
// decided: as DecidedWriter has it, may be empty.
[[nodiscard]] std::string input_line(const Input& input, std::string_view decided);
// A response that came from a source: its timestamps and header, and neither extension fields nor MAC. Empty:
// it has no NTP header.
[[nodiscard]] std::string packet_line(base::SourceId source, const Received& packet);
// A message of the daemon's.
[[nodiscard]] std::string event_line(std::string_view event, std::string_view text, base::RealTime time);

}  // namespace gnomon::engine::replay
