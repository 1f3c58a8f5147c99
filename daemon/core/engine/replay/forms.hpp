// SPDX-License-Identifier: GPL-2.0-or-later
// The forms of a record (form.hpp): packets, the inputs that come with each measurement, and what is decided
// then. Stateless.
#pragma once

#include <span>
#include <string>

#include "base/raw_text.hpp"
#include "base/units.hpp"
#include "daemon/core/engine/association/events.hpp"
#include "daemon/core/engine/replay/input.hpp"
#include "daemon/core/engine/values/clock_command.hpp"
#include "protocol/ntp/packet.hpp"

namespace gnomon::engine::replay {

// By their number, for written_out(); the same for the life of the program.
[[nodiscard]] std::span<const std::string> forms();

// A whole line.
void append_packet(base::RawText& out, base::SourceId source, const Received& packet,
                   const protocol::Header& header);
// A line but for its end. False: this input has no form, and nothing was appended.
[[nodiscard]] bool append_input(base::RawText& out, const Input& input);
// An object; false likewise.
[[nodiscard]] bool append_command(base::RawText& out, const ClockCommand& command);
// Members of an object.
void append_clock_update(base::RawText& out, int updates, base::Ppm frequency);

}  // namespace gnomon::engine::replay
