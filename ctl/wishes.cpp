// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/wishes.hpp"

#include <chrono>
#include <cstdint>
#include <ctime>
#include <utility>

#include <fmt/format.h>

#include "base/number.hpp"
#include "ctl/time_span.hpp"

namespace gnomon::ctl {

namespace {

// What is wrong with them; empty: nothing.
std::string set_limits(WaitBound& bound, const Options& options) {
  if (!options.max_error.empty()) {
    bound.max_error = parse_time_span(options.max_error);
    if (!bound.max_error) return fmt::format("'{}' is not a length of time, as in 10ms", options.max_error);
    if (*bound.max_error <= 0)
      return fmt::format("no clock is known to be right within {}", options.max_error);
  }
  if (!options.timeout.empty()) {
    const auto timeout = parse_time_span(options.timeout);
    if (!timeout) return fmt::format("'{}' is not a length of time, as in 60 or 2min", options.timeout);
    bound.timeout = std::chrono::duration<double>{*timeout};
  }
  return "";
}

std::string set_ports(probe::Options& wanted, const ProbeWords& words) {
  for (const auto& [text, into] :
       {std::pair{&words.port, &wanted.port}, std::pair{&words.ke_port, &wanted.ke_port},
        std::pair{&words.source_port, &wanted.source_port}}) {
    if (text->empty()) continue;
    const auto port = base::parse_number<std::uint16_t>(*text, {.low = 1});
    if (!port) return fmt::format("'{}' is not a port, a whole number from 1 to 65535", *text);
    *into = *port;
  }
  return "";
}

// Those of the words themselves stay. What is wrong; empty: nothing.
std::string set_probe(probe::Options& call, const ProbeWords& words) {
  if (words.nts && words.no_nts) return "--nts and --no-nts contradict each other: give one of them";
  auto wanted = words.options;
  if (auto wrong = set_ports(wanted, words); !wrong.empty()) return wrong;
  wanted.host = call.host;
  wanted.family = call.family;
  wanted.burst = !words.no_burst;
  if (words.nts) wanted.nts = probe::Nts::required;
  if (words.no_nts) wanted.nts = probe::Nts::without;
  const auto read = [](const std::string& text, std::chrono::duration<double>& into) {
    if (text.empty()) return true;
    const auto span = parse_time_span(text);
    if (span) into = std::chrono::duration<double>{*span};
    return span.has_value();
  };
  for (const auto& [text, into] :
       {std::pair{&words.timeout, &wanted.timeout}, std::pair{&words.warning, &wanted.warning},
        std::pair{&words.critical, &wanted.critical}})
    if (!read(*text, *into)) return fmt::format("'{}' is not a length of time, as in 500ms or 1min", *text);
  call = std::move(wanted);
  return "";
}

// Of report and watch, likewise.
std::string set_views(Options& options) {
  auto& call = options.request.call;
  if (call.watch) *call.watch = options.watch;
  if (!call.report) return "";
  *call.report = options.report;
  if (call.report->file.empty()) return "-o names the page that is written";
  if (options.since.empty()) return "";
  call.report->since = parse_since(options.since, std::time(nullptr));
  return call.report->since ? ""
                            : fmt::format("'{}' is not a time, as in 24h, yesterday or 16:30", options.since);
}

// Of events, likewise.
std::string set_events(EventsWish& events, const Options& options) {
  events = options.wish;
  if (!options.lines.empty()) {
    events.lines = base::parse_number<std::uint32_t>(options.lines);
    if (!events.lines)
      return fmt::format("'{}' is not a number of lines, a whole number from 0 on", options.lines);
  }
  if (options.since.empty()) return "";
  events.since = parse_since(options.since, std::time(nullptr));
  return events.since ? "" : fmt::format("'{}' is not a time, as in 2h, yesterday or 16:30", options.since);
}

// Of record, likewise.
std::string set_recording(RecordWish& recording, const Options& options) {
  recording.overwrite = options.recording.overwrite;
  if (options.length.empty()) return "";
  recording.length = parse_time_span(options.length);
  return recording.length.value_or(0) > 0
             ? ""
             : fmt::format("'{}' is not a length of time, as in 10min or 1h", options.length);
}

}  // namespace

std::string set_call(Options& options) {
  auto& call = options.request.call;
  if (call.check) {
    call.check->resolve = options.resolve;
    call.check->json = options.request.json;
  }
  if (options.dry_run && call.method != "Reload") return "--dry-run is for the whole configuration";
  if (options.dry_run) call.parameters["dry_run"] = true;
  auto wrong = set_views(options);
  if (wrong.empty() && call.events) wrong = set_events(*call.events, options);
  if (wrong.empty() && call.recording) wrong = set_recording(*call.recording, options);
  if (wrong.empty() && call.bound) wrong = set_limits(*call.bound, options);
  if (wrong.empty() && call.probe) {
    wrong = set_probe(*call.probe, options.probe);
    call.probe->utc = options.request.view.utc;
  }
  return wrong;
}

}  // namespace gnomon::ctl
