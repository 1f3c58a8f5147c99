// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon's replies as chronyc's reports, character for character: pure functions from JSON to text.
// All throw ReplyFault when a field of io.gnomon.Control is missing.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <string>

#include "ctl/render/naming.hpp"

namespace gnomon::ctl {

struct View {
  bool csv = false;       // -c
  bool all = false;       // -a: also what has no address yet
  bool verbose = false;   // -v of a command: a legend above the table
  bool single = false;    // one source was asked for: no blank line before it
  std::size_t wider = 0;  // -w: so many columns more for names
  Naming naming;
  std::size_t width = 0;  // of the terminal, in columns; 0: lines are not broken
  bool colours = false;
  bool utc = false;  // times in UTC, otherwise in the local time zone
};

using Reply = boost::json::object;

[[nodiscard]] std::string render_tracking(const Reply& reply, const View& view);
[[nodiscard]] std::string render_sources(const Reply& reply, const View& view);
[[nodiscard]] std::string render_sourcestats(const Reply& reply, const View& view);
[[nodiscard]] std::string render_authdata(const Reply& reply, const View& view);
[[nodiscard]] std::string render_activity(const Reply& reply, const View& view);
[[nodiscard]] std::string render_serverstats(const Reply& reply, const View& view);
[[nodiscard]] std::string render_certificates(const Reply& reply, const View& view);
[[nodiscard]] std::string render_refclocks(const Reply& reply, const View& view);
[[nodiscard]] std::string render_rtcdata(const Reply& reply, const View& view);
[[nodiscard]] std::string render_smoothing(const Reply& reply, const View& view);
// Of the sources that have an address; a blank line stands before each.
[[nodiscard]] std::string render_ntpdata(const Reply& reply, const View& view);
[[nodiscard]] std::string render_manual_list(const Reply& reply, const View& view);
[[nodiscard]] std::string render_set_time(const Reply& reply, const View& view);
[[nodiscard]] std::string render_selectdata(const Reply& reply, const View& view);
[[nodiscard]] std::string render_sourcename(const Reply& reply, const View& view);
// Right half: commands.
[[nodiscard]] std::string render_clients(const Reply& reply, const View& view);
// Right half: NTS key exchanges (-k).
[[nodiscard]] std::string render_key_exchange_clients(const Reply& reply, const View& view);
[[nodiscard]] std::string render_access(const Reply& reply, const View& view);
// Sentences, with what to do: of the clock and each source; of the clock alone.
[[nodiscard]] std::string render_explain(const Reply& reply, const View& view);
[[nodiscard]] std::string render_why(const Reply& reply, const View& view);
// One event: in a line or more, and as a line of JSON in the form of `journalctl -o json`.
[[nodiscard]] std::string render_event(const Record& event, const View& view);
[[nodiscard]] std::string render_event_json(const Record& event);
// "2026-11-29 14:42:07 CET", in the local time zone or in UTC.
[[nodiscard]] std::string wall_text(double seconds_since_1970, bool utc);
// The answer of a command that was applied.
[[nodiscard]] std::string render_done(const Reply& reply, const View& view);

// Indented by two blanks, keys in the order of the interface, a new line at the end.
[[nodiscard]] std::string render_json(const boost::json::value& value);

}  // namespace gnomon::ctl
