// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/report/history.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "ctl/render/record.hpp"

namespace gnomon::ctl {

namespace {

constexpr std::array<const char*, source_states> state_names{"selected", "combined",    "selectable",
                                                             "jittery",  "falseticker", "unselectable"};

std::size_t source_of(const Record& record, History& history) {
  SourceLabel label{.name = record.text("name"),
                    .address = record.optional_text("address").value_or(""),
                    .port = static_cast<std::int64_t>(record.optional_number("port").value_or(0))};
  const auto found = std::ranges::find(history.sources, label);
  if (found != history.sources.end()) return static_cast<std::size_t>(found - history.sources.begin());
  history.sources.push_back(std::move(label));
  return history.sources.size() - 1;
}

MeasuredPoint measured_of(const Record& record, History& history) {
  return {.time = record.number("time"),
          .source = source_of(record, history),
          .offset = record.number("offset"),
          .delay = record.number("delay"),
          .error = record.number("error"),
          .stratum = static_cast<int>(record.integer("stratum")),
          .used = record.truth("used"),
          .state = state_of(record.text("state"))};
}

ClockPoint clock_of(const Record& record) {
  return {.time = record.number("time"),
          .offset = record.optional_number("offset"),
          .bound = record.optional_number("error_bound"),
          .growth = record.number("error_growth") * 1e-6,
          .frequency = record.number("frequency"),
          .skew = record.number("skew"),
          .remaining = record.number("remaining"),
          .step = record.optional_number("step"),
          .slew = record.optional_number("slew").value_or(0),
          .slew_duration = record.optional_number("slew_duration").value_or(0)};
}

SelectionPoint selection_of(const Record& record, History& history) {
  const auto state = record.optional_text("state");
  return {.time = record.number("time"),
          .source = source_of(record, history),
          .state = state ? std::optional{state_of(*state)} : std::nullopt,
          .reason = record.text("reason")};
}

EventPoint event_of(const Record& record) {
  const auto fields = record.record("fields");
  const auto priority = fields.optional_text("PRIORITY").value_or("6");
  const bool is_level = priority.size() == 1 && priority[0] >= '0' && priority[0] <= '7';
  return {.time = record.number("time"),
          .level = is_level ? priority[0] - '0' : 6,
          .name = fields.optional_text("GNOMON_EVENT").value_or(""),
          .text = fields.optional_text("MESSAGE").value_or("")};
}

}  // namespace

const char* name_of(SourceState state) {
  return state_names.at(static_cast<std::size_t>(state));
}

SourceState state_of(const std::string& word) {
  const auto found = std::ranges::find(state_names, std::string_view{word},
                                       [](const char* name) { return std::string_view{name}; });
  return found == state_names.end() ? SourceState::unselectable
                                    : static_cast<SourceState>(found - state_names.begin());
}

std::string text_of(const SourceLabel& source) {
  constexpr std::int64_t ntp_port = 123;
  std::string text = source.name.empty() ? source.address : source.name;
  if (!source.address.empty() && source.address != text) text += fmt::format(" ({})", source.address);
  if (source.port != 0 && source.port != ntp_port) text += fmt::format(" port {}", source.port);
  return text;
}

std::optional<double> first_time(const History& history) {
  std::optional<double> first;
  const auto take = [&first](double time) { first = std::min(first.value_or(time), time); };
  if (!history.measured.empty()) take(history.measured.front().time);
  if (!history.clock.empty()) take(history.clock.front().time);
  if (!history.selections.empty()) take(history.selections.front().time);
  if (!history.starts.empty()) take(history.starts.front());
  if (!history.events.empty()) take(history.events.front().time);
  return first;
}

bool add_measurements(const boost::json::object& reply, History& history) {
  const Record record(reply);
  for (const auto& one : record.records("measurements"))
    history.measured.push_back(measured_of(one, history));
  for (const auto& one : record.records("clock")) history.clock.push_back(clock_of(one));
  for (const auto& one : record.records("selections"))
    history.selections.push_back(selection_of(one, history));
  for (const auto& one : record.records("starts")) history.starts.push_back(one.number("time"));
  const auto last = record.integer("last");
  const bool is_news = last > history.last;
  history.last = last;
  return is_news;
}

bool add_events(const boost::json::object& reply, std::int64_t& after, History& history) {
  const Record record(reply);
  for (const auto& one : record.records("events")) history.events.push_back(event_of(one));
  const auto last = record.integer("last");
  const bool is_news = last > after;
  after = last;
  return is_news;
}

}  // namespace gnomon::ctl
