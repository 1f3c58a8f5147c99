// SPDX-License-Identifier: GPL-2.0-or-later
// The lines of a record as the daemon makes them, each a JSON object that begins with its kind; whoever
// writes the file writes out their forms and numbers (forms.hpp), counts and seals them (ctl/record).
// gnomon-replay(1) describes all of them. Stateless.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/raw_text.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "daemon/core/engine/association/events.hpp"
#include "daemon/core/engine/replay/decided.hpp"
#include "daemon/core/engine/replay/input.hpp"

namespace gnomon::engine::replay {

inline constexpr int record_format = 1;

// Of the state and the inputs, see layout.hpp.
[[nodiscard]] const std::string& record_layout();

// The first line. `program`: name and version.
[[nodiscard]] base::RawText record_line(std::string_view program, const base::Now& now);
[[nodiscard]] base::RawText configuration_line(std::string_view line);
[[nodiscard]] base::RawText state_line(const Timekeeper& keeper);
// These two come with every packet, and are written behind what is in a text that the caller uses again.
// What came of the input is written by `decided`, once.
void append_input_line(base::RawText& out, const Input& input, DecidedWriter& decided,
                       const InputResult& outcome, const Timekeeper& keeper);
// A response that came from a source: its timestamps and header, and neither extension fields nor MAC.
// Nothing, if it has no NTP header.
void append_packet_line(base::RawText& out, base::SourceId source, const Received& packet);
// A message of the daemon's.
[[nodiscard]] base::RawText event_line(std::string_view event, std::string_view text, base::RealTime time);

}  // namespace gnomon::engine::replay
