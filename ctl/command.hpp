// SPDX-License-Identifier: GPL-2.0-or-later
// What a command of gnomonctl is: one row, read by the parser, the help, the completions and the manual page.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/check/check.hpp"
#include "ctl/events.hpp"
#include "ctl/keygen.hpp"
#include "ctl/probe/options.hpp"
#include "ctl/record/recording.hpp"
#include "ctl/render/render.hpp"
#include "ctl/report/report.hpp"
#include "ctl/session/session_settings.hpp"
#include "ctl/wait_bound.hpp"
#include "ctl/waitsync.hpp"
#include "ctl/watch/watch.hpp"

namespace gnomon::ctl {

using Words = std::vector<std::string>;  // what follows the name of a command
using Render = std::string (*)(const Reply&, const View&);

// What a command line asks of the daemon.
struct MethodCall {
  std::string method;  // of io.gnomon.Control
  boost::json::object parameters{};
  std::optional<std::string> source{};  // only this source of the reply is shown
  std::optional<WaitSync> wait{};       // calls again and again until this is reached
  std::optional<KeyWish> key{};         // is made here: no daemon is called
  bool refclocks = false;               // this machine is looked at: no daemon is called
  Render render = nullptr;              // nullptr: the command's own
  std::optional<CheckOptions> check{};  // instead of a method: no daemon is asked
  std::optional<SessionSettings>
      session{};  // changes how the commands after it are carried out: no daemon is asked
  std::string
      pages{};  // the list in the reply that comes in parts, each asked for with the `next` of the one before
  std::optional<EventsWish> events{};     // calls for as long as there are any, or for ever
  std::optional<probe::Options> probe{};  // a server is looked at from here: no daemon is called
  std::optional<WaitBound> bound{};       // calls again and again until the clock is that good
  std::optional<ReportWish> report{};     // calls for all that is kept, and writes a file
  std::optional<WatchWish> watch{};       // calls every second, and draws
  std::chrono::milliseconds at_least{};   // how long its reply may take, even where commands have less time
  std::optional<RecordWish> recording{};  // calls for what happens from now on, and writes a file
  // The exit status is 1 where this says no, and 2 where the daemon cannot be asked.
  bool (*is_good)(const Reply&) = nullptr;
};
// Error: what is wrong with the words, a clause.
using Made = std::expected<MethodCall, std::string>;

// What CLI11 takes for options of its own among the words.
enum class Flags : std::uint8_t {
  common,   // those that may stand before the command too
  listing,  // -a and -v as well
  check,    // --resolve as well
  wait,     // --max-error and --timeout as well
  probe,    // --nts, --port and more as well
  reload,   // --dry-run as well
  events,   // --follow, --since, --lines and --utc as well
  report,   // --since, --output and --utc as well
  watch,    // --once and --utc as well
  record,   // --for and --force as well
  none      // every word is the command's, -trust too
};

// Under which headline the help has it, in this order.
enum class Group : std::uint8_t { explain, reports, sources, clock, daemon, session };

struct Command {
  const char* name;
  Group group;
  const char* arguments;                                    // as in a synopsis; empty: takes none
  const char* help;                                         // a headline
  Made (*make)(std::string_view name, const Words& words);  // nullptr: prints the help
  Render render = render_done;
  Flags flags = Flags::common;
  const char* examples = "";  // lines of its --help
};

[[nodiscard]] std::span<const Command> commands();  // in the order of the alphabet

}  // namespace gnomon::ctl
