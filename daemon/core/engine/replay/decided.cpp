// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/replay/decided.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>
#include <variant>

#include "base/address.hpp"
#include "base/log_event.hpp"
#include "daemon/core/engine/replay/forms.hpp"
#include "daemon/core/engine/replay/text_writer.hpp"
#include "daemon/core/engine/text/messages.hpp"

namespace gnomon::engine {

namespace {

using replay::append;

// Of a member of an object, with a comma in front unless it is the first.
void append_name(base::RawText& out, std::string_view name) {
  if (out.back() != '{') out += ',';
  out += '"';
  out += name;
  out += "\":";
}

template <class T>
void member(base::RawText& out, std::string_view name, const T& value) {
  append_name(out, name);
  append(out, value);
}

void begin_list(base::RawText& out, std::string_view name) {
  append_name(out, name);
  out += '[';
}

void begin_object(base::RawText& out) {
  if (out.back() == '}') out += ',';
  out += '{';
}

SourceNames names_of(const Timekeeper& keeper, base::SourceId id) {
  const SourceTraits* const traits = keeper.traits(id);
  if (traits == nullptr) return {};
  return {.address = traits->address.is_specified() ? base::to_string(traits->address) : traits->source.name,
          .name = traits->source.name};
}

std::string_view word(SourceState state) {
  switch (state) {
    case SourceState::selected:
      return "selected";
    case SourceState::combined:
      return "combined";
    case SourceState::selectable:
      return "selectable";
    case SourceState::falseticker:
      return "falseticker";
    case SourceState::jittery:
      return "jittery";
    case SourceState::unselectable:
      return "unselectable";
  }
  return "unselectable";
}

void append_step(base::RawText& out, const StepClock& step) {
  out += '{';
  member(out, "command", std::string_view{"step"});
  member(out, "offset_ns", step.offset);
  out += '}';
}

// The first member.
void append_commands(base::RawText& out, const std::vector<ClockCommand>& commands) {
  out += R"("commands":[)";
  bool first = true;
  for (const auto& command : commands) {
    if (!std::exchange(first, false)) out += ',';
    if (!replay::append_command(out, command)) append_step(out, std::get<StepClock>(command));
  }
  out += ']';
}

void append_notes(base::RawText& out, const Decisions& decisions, const Timekeeper& keeper) {
  if (decisions.notes.empty()) return;
  begin_list(out, "notes");
  for (const Note& note : decisions.notes) {
    const auto message = message_for(note, names_of(keeper, note.source));
    begin_object(out);
    member(out, "event", base::traits_of(message.event).name);
    member(out, "text", message.text);
    out += '}';
  }
  out += ']';
}

void append_rest(base::RawText& out, const InputResult& outcome) {
  const auto& decisions = outcome.decisions;
  if (decisions.measured_offset) member(out, "measured_offset_s", *decisions.measured_offset);
  if (decisions.correction) member(out, "correction_s", *decisions.correction);
  if (decisions.drift_worth_saving) member(out, "drift_worth_saving", true);
  if (decisions.to_replace) member(out, "replace_source", decisions.to_replace->value);
  if (decisions.give_up) member(out, "give_up", true);
  if (outcome.refusal) member(out, "refused", outcome.refusal->sentence);
  if (outcome.entered) member(out, "entered_offset_s", outcome.entered->offset);
  if (!outcome.configured) member(out, "configured", false);
}

}  // namespace

DecidedWriter::DecidedWriter(const Timekeeper& keeper) : seen_(seen(keeper)), updates_(keeper.updates()) {}

DecidedWriter::Seen DecidedWriter::seen(const Timekeeper& keeper) {
  Seen all;
  for (const Verdict& verdict : keeper.verdicts()) {
    const auto [id, seen] = entry_of(verdict);
    all.insert_or_assign(id, seen);
  }
  return all;
}

DecidedWriter::Entry DecidedWriter::entry_of(const Verdict& verdict) {
  return {verdict.source, {verdict.state, verdict.reason}};
}

// Those that are another now, and sources that have none any more.
void DecidedWriter::append_verdicts(base::RawText& out, const Timekeeper& keeper) {
  if (std::ranges::equal(keeper.verdicts(), in_order_, {}, entry_of)) return;
  in_order_.clear();
  std::ranges::transform(keeper.verdicts(), std::back_inserter(in_order_), entry_of);
  auto now = seen(keeper);
  if (now == seen_) return;
  begin_list(out, "verdicts");
  for (const auto& [id, verdict] : now) {
    const auto before = seen_.find(id);
    if (before != seen_.end() && before->second == verdict) continue;
    begin_object(out);
    member(out, "source", id.value);
    member(out, "name", names_of(keeper, id).name);
    member(out, "state", word(verdict.first));
    member(out, "reason", name_of(verdict.second));
    out += '}';
  }
  for (const auto& [id, verdict] : seen_) {
    if (now.contains(id)) continue;
    begin_object(out);
    member(out, "source", id.value);
    member(out, "state", std::string_view{"gone"});
    out += '}';
  }
  out += ']';
  seen_ = std::move(now);
}

bool DecidedWriter::append(base::RawText& out, const InputResult& outcome, const Timekeeper& keeper) {
  const auto before = out.size();
  out += '{';
  if (!outcome.decisions.commands.empty()) append_commands(out, outcome.decisions.commands);
  append_notes(out, outcome.decisions, keeper);
  append_verdicts(out, keeper);
  if (keeper.updates() != updates_) {
    updates_ = keeper.updates();
    if (out.back() != '{') out += ',';
    replay::append_clock_update(out, updates_, base::ppm_of_ratio(keeper.frequency()));
  }
  append_rest(out, outcome);
  const bool something = out.size() > before + 1;  // than the bracket
  if (something)
    out += '}';
  else
    out.shorten_to(before);
  return something;
}

base::RawText DecidedWriter::decided(const InputResult& outcome, const Timekeeper& keeper) {
  base::RawText out;
  append(out, outcome, keeper);
  return out;
}

}  // namespace gnomon::engine
