// SPDX-License-Identifier: GPL-2.0-or-later
// Sources of sourcedirs: what has changed is added or removed, the rest goes on; and the log of both.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/core/engine/values/source_number.hpp"
#include "daemon/core/sources/sources.hpp"

namespace gnomon::core {

// A pool in one line, however many members it has or will have.
void Sources::log_change(bool added, const config::Source& source) const {
  log_.write(added ? base::LogEvent::source_added : base::LogEvent::source_removed,
             fmt::format("{} pool {}", added ? "Added" : "Removed", source.name),
             {{base::LogField::source, source.name}});
}

void Sources::log_change(bool added, const engine::Association& association) const {
  const auto& address = association.address();
  const auto& name = association.source().name;
  const auto who = address.is_specified() ? base::to_string(address) : engine::number_of(association.id());
  log_.write(
      added ? base::LogEvent::source_added : base::LogEvent::source_removed,
      fmt::format("{} source {}", added ? "Added" : "Removed", who == name ? name : who + " (" + name + ")"),
      {{base::LogField::source, name}});
}

void Sources::log_added(const config::Source& source) const {
  if (is_pool_name(source)) return log_change(true, source);
  log_change(true, entries_.back()->task->association());
}

void Sources::log_not_added(const config::Source& source) const {
  if (source.kind == config::SourceKind::peer && source.nts) {
    log_.write(base::LogEvent::source_not_added,
               fmt::format("Peer {} is not added: NTS protects clients and servers only (RFC 8915); remove "
                           "`nts` and use a `key`, or write `server` here and there",
                           source.name),
               {{base::LogField::source, source.name}});
    return;
  }
  log_.write(
      base::LogEvent::source_not_added,
      fmt::format("Could not add source {} : in use, its address is that of another source: remove one "
                  "of the two",
                  source.name),
      {{base::LogField::source, source.name}});
}

void Sources::remove(const config::Source& source) {
  if (is_pool_name(source)) log_change(false, source);
  pools_.remove(source);
  for (const auto& entry : entries_) {
    if (entry->configured != source || entry->removed) continue;
    if (!is_pool_name(source)) log_change(false, entry->task->association());
    entry->removed = true;
    entry->task->interrupt({engine::InterruptKind::remove});
  }
}

ClockEvents Sources::replace_dynamic(std::vector<config::Source> wanted) {
  std::vector<Dynamic> present;
  for (auto& source : wanted) {
    const auto known = std::ranges::find(dynamic_, source, &Dynamic::source);
    present.push_back({.source = std::move(source)});
    if (known == dynamic_.end()) continue;
    present.back() = std::move(*known);
    dynamic_.erase(known);
  }
  for (const auto& gone : dynamic_)
    if (gone.state == Dynamic::State::added) remove(gone.source);
  // One that could not be added is tried again with the next reload.
  ClockEvents events;
  for (auto& one : present) {
    if (one.state == Dynamic::State::added) continue;
    if (auto added = try_add(one.source)) {
      events.append(std::move(*added));
      log_added(one.source);
      one.state = Dynamic::State::added;
    } else if (std::exchange(one.state, Dynamic::State::in_use) == Dynamic::State::is_new) {
      log_not_added(one.source);
    }
  }
  dynamic_ = std::move(present);
  return events;
}

}  // namespace gnomon::core
