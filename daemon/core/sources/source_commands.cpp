// SPDX-License-Identifier: GPL-2.0-or-later
// Commands that change the table of sources.
#include <fmt/format.h>

#include <algorithm>

#include "config/parse.hpp"
#include "daemon/core/engine/values/source_number.hpp"
#include "daemon/core/sources/exchange_socket.hpp"
#include "daemon/core/sources/run_time_options.hpp"
#include "daemon/core/sources/sources.hpp"

namespace gnomon::core {

namespace {

using Done = Sources::Done;

Done nobody(std::string_view source) {
  return std::unexpected(
      engine::Refusal{engine::RefusalKind::no_such_source,
                      fmt::format("No such source: {}. To list them: gnomonctl -N sources -a", source)});
}

bool is_within(const std::optional<base::Subnet>& subnet, const base::IpAddress& address) {
  return !subnet || base::contains(*subnet, address);
}

}  // namespace

bool Sources::is_meant(const Entry& entry, std::string_view source) {
  const auto& association = entry.task->association();
  if (entry.finished || entry.removed) return false;
  if (const auto address = base::parse_address(source)) return association.address() == *address;
  if (const auto id = engine::numbered(source)) return association.id() == *id;
  return association.source().name == source;
}

template <class Function>
Done Sources::for_each(std::string_view source, Function&& function) {
  bool any = false;
  for (const auto& entry : entries_) {
    if (!is_meant(*entry, source)) continue;
    any = true;
    function(*entry);
  }
  return any ? Done{} : nobody(source);
}

template <class Change>
Done Sources::change_each(std::string_view source, const Change& change) {
  const bool any = pools_.change_members(source, change);
  const auto done = for_each(source, [&](Entry& entry) {
    auto changed = entry.task->association().source();
    change(changed);
    reconfigure(entry, changed);
  });
  return any ? Done{} : done;
}

template <class Command>
Done Sources::interrupt_those(const Command& command, const engine::Interrupt& interrupt) {
  bool any = false;
  for (const auto& entry : entries_) {
    const auto& association = entry->task->association();
    if (entry->finished || !is_within(command.within, association.address())) continue;
    if (command.only && association.id() != *command.only) continue;
    if (!command.source.empty() && !is_meant(*entry, command.source)) continue;
    any = true;
    if (interrupt.kind != engine::InterruptKind::burst) entry->asks_for_way = false;
    entry->task->interrupt(interrupt);
  }
  if (any) return {};
  return nobody(command.source.empty() ? "none has an address in that subnet" : command.source);
}

Done Sources::carry_out(const control::SetOnline& command) {
  const bool any = pools_.set_online(command);
  const auto done = interrupt_those(
      command, {command.online ? engine::InterruptKind::go_online : engine::InterruptKind::go_offline});
  if (command.online) on_name_files_changed();  // where there is a network there may be names
  return any ? Done{} : done;
}

bool Sources::has_way(const base::Endpoint& endpoint) {
  // To connect is to look for a route: nothing is sent.
  const LocalPort from{settings_.client.acquisition_port, &settings_.client.bind_addresses,
                       &settings_.client.bind_device, &acquisition_};
  return ExchangeSocket::open(tasks_.loop(), endpoint, from, {.dscp = settings_.server.dscp}).has_value();
}

// Where an address is still sought, its way is looked for when there is one.
Done Sources::carry_out(const control::FollowNetwork& /*command*/) {
  pools_.follow_network();
  for (const auto& entry : entries_) {
    const auto& address = entry->task->association().address();
    if (entry->finished) continue;
    entry->asks_for_way = !address.is_specified();
    const bool way = entry->asks_for_way || has_way({address, entry->configured.port});
    entry->task->interrupt({way ? engine::InterruptKind::go_online : engine::InterruptKind::go_offline});
  }
  on_name_files_changed();
  return {};
}

Done Sources::carry_out(const control::Burst& command) {
  return interrupt_those(command, {engine::InterruptKind::burst, command.good, command.total});
}

Done Sources::carry_out(const control::ModifySource& command) {
  const auto option = option_for(command.option, command.value);
  if (!option) return std::unexpected(option.error());
  return change_each(command.source, [&](config::Source& source) { (*option)->set(source, command.value); });
}

void Sources::reconfigure(Entry& entry, const config::Source& changed) {
  auto& association = entry.task->association();
  association.reconfigure(changed);
  clock_driver_.reconfigure(association.id(), changed);
}

Done Sources::carry_out(const control::AddSourceLine& command) {
  const auto parsed = config::parse_sources(command.line + "\n", {});
  if (!parsed.skipped.empty()) {
    const auto& wrong = parsed.skipped.front();
    return std::unexpected(wrong.message +
                           (wrong.nearest.empty() ? "" : fmt::format(", did you mean '{}'?", wrong.nearest)));
  }
  if (parsed.sources.size() != 1) return std::unexpected("one line with one source is expected");
  return carry_out(control::AddSource{parsed.sources.front()});
}

Done Sources::carry_out(const control::AddSource& command) {
  const auto& source = command.source;
  const auto literal = base::parse_address(source.name);
  if (literal && holder({*literal, source.port}) != nullptr)
    return std::unexpected(engine::Refusal{engine::RefusalKind::source_already_present,
                                           fmt::format("Source already present: {}", source.name)});
  auto events = add(source);
  if (!events) return std::unexpected("The source is not used; the log says why");
  log_added(source);
  return std::move(*events);
}

Done Sources::carry_out(const control::DeleteSource& command) {
  bool any = false;
  for (const auto& line : pools_.remove_named(command.source)) {
    any = true;
    log_change(false, line);
  }
  const auto done = for_each(command.source, [&](Entry& entry) {
    const auto& association = entry.task->association();
    // A pool that has all of its members is known by them alone.
    const bool whole_pool = is_pool_name(association.source()) && association.source().name == command.source;
    if (!whole_pool)
      log_change(false, association);
    else if (!std::exchange(any, true))
      log_change(false, association.source());
    entry.removed = true;
    entry.task->interrupt({engine::InterruptKind::remove});
  });
  if (!done && !any) return done;
  return {};
}

Done Sources::carry_out(const control::RefreshNames& /*command*/) {
  interrupt_all(engine::InterruptKind::refresh);
  pools_.hasten();
  return {};
}

Done Sources::carry_out(const control::ResetSources& /*command*/) {
  auto events = clock_driver_.reset();
  interrupt_all(engine::InterruptKind::clock_stepped);
  interrupt_all(engine::InterruptKind::burst);
  return events;
}

Done Sources::carry_out(const control::SetSelectOptions& command) {
  if (const auto trial = with_select_options(config::Source{}, command.options); !trial)
    return std::unexpected(trial.error());
  const auto done = change_each(command.source, [&](config::Source& source) {
    source = *with_select_options(source, command.options);
  });
  if (!done) return done;
  return clock_driver_.select();
}

}  // namespace gnomon::core
