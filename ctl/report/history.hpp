// SPDX-License-Identifier: GPL-2.0-or-later
// What a report is drawn from: the daemon's replies to Measurements, Events and Explain, as values in the
// order of time. Owned by who makes the report.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gnomon::ctl {

enum class SourceState : std::uint8_t { selected, combined, selectable, jittery, falseticker, unselectable };
inline constexpr std::size_t source_states = 6;
[[nodiscard]] const char* name_of(SourceState state);
// What is no state of ours is unselectable.
[[nodiscard]] SourceState state_of(const std::string& word);

// Times are seconds since 1970 by the clock as it is now, offsets and delays seconds.
struct MeasuredPoint {
  double time = 0;
  std::size_t source = 0;  // in History::sources
  double offset = 0;       // positive: our clock is ahead
  double delay = 0;
  double error = 0;
  int stratum = 0;
  bool used = false;
  SourceState state = SourceState::unselectable;  // by the selection that followed
};

struct ClockPoint {
  double time = 0;
  std::optional<double> offset{};  // that an update found; positive: our clock was ahead
  std::optional<double> bound{};   // none: not synchronised
  double growth = 0;               // of the bound, s/s
  double frequency = 0;            // ppm
  double skew = 0;
  double remaining = 0;          // still to be corrected; positive: the system clock is slow
  std::optional<double> step{};  // that was commanded
  double slew = 0;               // ppm
  double slew_duration = 0;
};

struct SelectionPoint {
  double time = 0;
  std::size_t source = 0;
  std::optional<SourceState> state{};  // none: it is no source any more
  std::string reason{};
};

struct EventPoint {
  double time = 0;  // by the clock as it was then
  int level = 6;    // as in syslog
  std::string name{};
  std::string text{};
};

struct SourceLabel {
  std::string name;
  std::string address;  // empty: a reference clock
  std::int64_t port = 0;
  friend bool operator==(const SourceLabel&, const SourceLabel&) = default;
};
// The name, with the address where that is another text; the port where it is not NTP's.
[[nodiscard]] std::string text_of(const SourceLabel& source);

struct History {
  std::vector<SourceLabel> sources;
  std::vector<MeasuredPoint> measured;
  std::vector<ClockPoint> clock;
  std::vector<SelectionPoint> selections;
  std::vector<double> starts;  // of the daemon
  std::vector<EventPoint> events;
  std::int64_t last = 0;  // `after` of the next call
};

// The time of the first thing that is known; none: nothing is.
[[nodiscard]] std::optional<double> first_time(const History& history);

// A reply to Measurements is added; whether it had anything new, and the next call may have more. Throws
// ReplyFault.
bool add_measurements(const boost::json::object& reply, History& history);
// A reply to Events, with the last of which `after`, likewise.
bool add_events(const boost::json::object& reply, std::int64_t& after, History& history);

}  // namespace gnomon::ctl
