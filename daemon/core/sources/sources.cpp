// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/sources/sources.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include "async/loop.hpp"
#include "base/os/random.hpp"
#include "daemon/core/engine/serving/clock_header.hpp"
#include "daemon/core/engine/values/reference_id.hpp"

namespace gnomon::core {

namespace {

// Nothing where the packet was no answer that says anything of time.
std::optional<SourceMeasurement> measured_of(base::SourceId id, const engine::Step& step) {
  if (!step.record || !step.record->is_fit() || step.record->delay <= base::Seconds{}) return std::nullopt;
  const auto& record = *step.record;
  return SourceMeasurement{
      .source = id,
      .offset = record.offset,
      .delay = record.delay,
      .error = record.root_dispersion + record.dispersion + (record.root_delay + record.delay) / 2.0,
      .stratum = record.stratum,
      .used = step.sample.has_value()};
}

std::vector<base::Fd> owned(const std::vector<int>& descriptors) {
  std::vector<base::Fd> sockets;
  sockets.reserve(descriptors.size());
  for (const int descriptor : descriptors) sockets.emplace_back(descriptor);
  return sockets;
}

}  // namespace

Sources::Sources(async::TaskGroup& tasks, ResolveClient& resolver, KeClient& ke, ClockDriver& clock_driver,
                 base::Log& log, SourcesSettings settings, Handlers handlers)
    : tasks_(tasks),
      clock_driver_(clock_driver),
      log_(log),
      settings_(std::move(settings)),
      handlers_(std::move(handlers)),
      acquisition_(owned(settings_.acquisition_sockets), "sockets of acquisitionport"),
      peers_(owned(settings_.peer_sockets), "sockets for peers"),
      ptp_sockets_(owned(settings_.ptp_sockets), "sockets of ptpport"),
      spacing_(settings_.context.one_shot),
      store_(settings_.nts_directory, log),
      trust_(settings_.clock_trust),
      services_{.loop = tasks.loop(),
                .resolver = resolver,
                .ke = ke,
                .client = settings_.client,
                .server = settings_.server,
                .dscp = settings_.server.dscp,
                .own_requests = settings_.own_requests,
                .acquisition = acquisition_,
                .peers = peers_,
                .answer = settings_.answer,
                .our_clock = [this](const base::Now& now) { return our_clock(now); },
                .ptp_sockets = ptp_sockets_,
                .nics = settings_.nics,
                .tx_timeout = settings_.tx_timeout,
                .load_kept = [this](const base::IpAddress& server) { return store_.load_kept(server); },
                .on_send_failed = [this](const SourceTask& task,
                                         const base::OsError& error) { on_send_failed(task, error); },
                .on_packet = handlers_.on_packet,
                .usable =
                    [this](const SourceTask& task, std::vector<base::IpAddress> addresses) {
                      return usable(task, std::move(addresses));
                    }},
      pools_(tasks, resolver, clock_driver, settings_.context.family, pool_handlers()) {
  const auto now = tasks_.now();
  settings_.context.remembers = !settings_.nts_directory.empty();
  settings_.context.dates = trust_.dates(now);
}

Pools::Handlers Sources::pool_handlers() {
  return {
      .is_free = [this](const base::Endpoint& endpoint) { return holder(endpoint) == nullptr; },
      .has_way = [this](const base::Endpoint& endpoint) { return has_way(endpoint); },
      .add =
          [this](const config::Source& member, const base::IpAddress& address, const config::Source& line) {
            auto added = add_association(member, address);
            if (added) entries_.back()->configured = line;
            return added;
          },
      .on_events = handlers_.on_events,
      .on_note = handlers_.on_note};
}

engine::PeerClock Sources::our_clock(const base::Now& now) const {
  const auto view = clock_driver_.keeper().server_view(now);
  return {.header = engine::clock_header(view, now.real),
          .correction =
              [this](base::RealTime reading) {
                return base::to_duration(clock_driver_.keeper().correction_at(reading));
              },
          .uncorrected = -view.served.corrected,
          .monotonic = engine::monotonic_root(view, now.real)};
}

std::optional<ClockEvents> Sources::add(const config::Source& source) {
  auto added = try_add(source);
  if (!added) log_not_added(source);
  return added;
}

std::optional<ClockEvents> Sources::try_add(const config::Source& source) {
  if (source.kind == config::SourceKind::peer && source.nts) return std::nullopt;
  if (is_pool_name(source)) {
    pools_.open(next_id(), source);
    return ClockEvents{};
  }
  return add_association(source, base::parse_address(source.name).value_or(base::IpAddress{}));
}

std::optional<ClockEvents> Sources::add_association(const config::Source& source,
                                                    const base::IpAddress& address) {
  if (address.is_specified() && holder({address, source.port}) != nullptr) return std::nullopt;
  const auto id = next_id();
  clock_driver_.add(
      {.id = id, .source = source, .address = address, .authenticated = source.is_authenticated()});
  auto& entry = *entries_.emplace_back(std::make_unique<Entry>());
  entry.address = address;
  entry.configured = source;
  entry.task =
      std::make_unique<SourceTask>(services_, engine::Association{id, source, address, settings_.context});
  entry.task->association().share(spacing_);
  spacing_.set_sources(entries_.size());
  auto events = address.is_specified() ? restore(entry) : ClockEvents{};
  tasks_.spawn("source " + source.name, run(entry));
  return events;
}

ClockEvents Sources::restore(Entry& entry) {
  if (!handlers_.history) return {};
  auto& association = entry.task->association();
  const auto& source = association.source();
  const auto dump = handlers_.history({.id = association.id(),
                                       .source = source,
                                       .address = entry.address,
                                       .authenticated = source.is_authenticated()});
  if (!dump) return {};
  association.restore(dump->reach, dump->stratum);
  entry.status.reach = dump->reach;
  return clock_driver_.restore(association.id(), *dump);
}

void Sources::forget_samples(Entry& entry) {
  const auto& association = entry.task->association();
  const auto& source = association.source();
  clock_driver_.add({.id = association.id(),
                     .source = source,
                     .address = entry.address,
                     .authenticated = source.is_authenticated(),
                     .provisional = entry.provisional});
  entry.status = {};  // the timekeeper begins from the start
}

void Sources::set_own_addresses(const std::set<base::IpAddress>& addresses) {
  auto& ids = own_reference_ids_;
  ids.clear();
  for (const auto& address : addresses)
    if (!address.is_loopback()) ids.push_back(engine::reference_id_of(address));
  std::ranges::sort(ids);
}

asio::awaitable<void> Sources::run(Entry& entry) {
  while (!entry.task->finished()) {
    auto step = co_await entry.task->next();
    handlers_.on_events(on_step(entry, step));
  }
  entry.finished = true;
  if (!settings_.context.one_shot) {
    clock_driver_.remove(entry.task->association().id());
    std::erase_if(entries_, [&](const auto& one) { return one.get() == &entry; });
    spacing_.set_sources(entries_.size());
    // It may have been the selected one. Thousands may go at once.
    if (!std::exchange(selects_soon_, true)) tasks_.spawn("selection", select_soon());
  } else if (pools_.empty() && std::ranges::all_of(entries_, &Entry::finished,
                                                   [](const auto& one) -> const Entry& { return *one; })) {
    handlers_.on_all_finished();
  }
}

asio::awaitable<void> Sources::select_soon() {
  co_await async::pause_for(tasks_.loop(), base::Duration{});
  selects_soon_ = false;
  handlers_.on_events(clock_driver_.select());
}

ClockEvents Sources::on_step(Entry& entry, engine::Step& step) {
  const auto& association = entry.task->association();
  for (const auto& note : step.notes) handlers_.on_note(note);
  // Behind what is to be done now: a disk may be slow, and a request goes out first.
  if (step.memory) asio::post(tasks_.io(), [this, memory = std::move(*step.memory)] { store_.keep(memory); });
  ClockEvents events;
  if (step.record && settings_.records) events.records.emplace_back(*step.record);
  events.measured = measured_of(association.id(), step);
  if (const auto& address = association.address(); address != entry.address) {
    entry.address = address;
    entry.status = {};  // the timekeeper begins from the start
    clock_driver_.set_address(association.id(), address);
    events.append(restore(entry));
    if (std::exchange(entry.asks_for_way, false) && !has_way({address, entry.configured.port}))
      entry.task->interrupt({engine::InterruptKind::go_offline});
  }
  const auto report = association.report(tasks_.now());
  if (report.auth.provisional != std::exchange(entry.provisional, report.auth.provisional)) {
    entry.status = {};
    clock_driver_.set_provisional(association.id(), report.auth.provisional);
  }
  if (step.loop_begins) forget_samples(entry);
  const engine::SourceStatus status = engine::status_of(report);
  if (step.sample || status != std::exchange(entry.status, status))
    events.append(clock_driver_.update(association.id(), status, step.sample));
  if (step.sample) follow_advice(entry);
  if (events.to_replace == association.id()) replace_bad(entry);
  return events;
}

// After a sample.
void Sources::follow_advice(Entry& entry) {
  auto& association = entry.task->association();
  entry.send_failure = 0;
  const auto advice = clock_driver_.keeper().poll_advice(association.id());
  if (advice && association.advise(*advice)) entry.task->interrupt({engine::InterruptKind::advised});
}

// Names are not resolved for it more often than chronyd does: a quarter of the sources may be wrong.
void Sources::replace_bad(Entry& entry) {
  constexpr base::Seconds longest_pause{3584};
  const auto now = tasks_.now().mono;
  if (settings_.context.one_shot || now < next_replacement_) return;
  if (base::parse_address(entry.task->association().source().name)) return;  // it has no other
  constexpr double full = 4294967296.0;
  const double share = static_cast<double>(base::random_number<std::uint32_t>()) / full;
  next_replacement_ = now + base::to_duration(longest_pause * share);
  entry.task->interrupt({engine::InterruptKind::replace});
}

// Every poll fails for the same reason: said when it comes and when it changes.
void Sources::on_send_failed(const SourceTask& task, const base::OsError& error) {
  auto* entry = find(task.association().id());
  if (entry == nullptr || entry->send_failure == error.code) return;
  entry->send_failure = error.code;
  // EADDRINUSE: it is the port that we serve, which only who opened its sockets can share.
  const bool may_be_had = task.association().is_peer() && (error.code == EACCES || error.code == EADDRINUSE);
  if (may_be_had && handlers_.ask_for_peer_sockets && handlers_.ask_for_peer_sockets()) return;
  const auto address = base::to_string(task.association().address());
  log_.write(base::LogEvent::send_failed,
             fmt::format("Could not send to {}: {}", address, base::to_string(error)),
             {{base::LogField::source, task.association().source().name},
              {base::LogField::address, address},
              {base::LogField::os_error, error.code}});
}

void Sources::use_for_peers(base::Fd socket) {
  peers_.add(std::move(socket));
  for (const auto& entry : entries_)
    if (entry->task->association().is_peer() && std::exchange(entry->send_failure, 0) != 0)
      entry->task->interrupt({engine::InterruptKind::network_changed});
}

// A pool, or whoever answers for its name, must not keep an authenticated server away: who has its address
// without authentication looks for another one of its name.
void Sources::make_room(const Entry& plain) {
  const auto& source = plain.task->association().source();
  if (source.is_authenticated() || base::parse_address(source.name)) return;
  plain.task->interrupt({engine::InterruptKind::replace});
}

std::vector<base::IpAddress> Sources::usable(const SourceTask& task, std::vector<base::IpAddress> addresses) {
  const auto& source = task.association().source();
  const auto taken = std::erase_if(addresses, [&](const base::IpAddress& address) {
    const auto* other = holder({address, source.port});
    if (other == nullptr || other->task.get() == &task) return false;
    if (source.nts) make_room(*other);
    return true;
  });
  // The members of a pool find each other's addresses every time: only one that finds no other is news, and
  // one that has an address goes on with it.
  const auto& present = task.association().address();
  if (taken > 0 && addresses.empty() && present.is_specified()) return {present};
  auto* const entry = find(task.association().id());
  const bool none_left = taken > 0 && addresses.empty();
  if (entry != nullptr && std::exchange(entry->name_is_taken, none_left)) return addresses;  // said before
  if (none_left)
    log_.write(base::LogEvent::source_without_address,
               fmt::format("Source {} has no address of its own: {} a source already", source.name,
                           taken == 1 ? "the one it has is" : "all it has are"),
               {{base::LogField::source, source.name}});
  return addresses;
}

void Sources::remove_all() {
  for (const auto& entry : entries_) {
    entry->removed = true;
    entry->task->interrupt({engine::InterruptKind::remove});
  }
}

void Sources::on_name_files_changed() {
  for (const auto& entry : entries_)
    if (!entry->finished && !entry->task->association().address().is_specified())
      entry->task->interrupt({engine::InterruptKind::network_changed});
  pools_.hasten();
}

void Sources::on_trust_changed() {
  for (const auto& entry : entries_)
    if (!entry->finished && entry->task->association().waits_for_trust())
      entry->task->interrupt({engine::InterruptKind::trust_changed});
}

bool Sources::is_offline(const Entry& entry) const {
  return entry.task->association().report(tasks_.now()).activity == engine::Activity::offline;
}

void Sources::interrupt_all(engine::InterruptKind kind) {
  if (kind == engine::InterruptKind::network_changed) pools_.hasten();
  for (const auto& entry : entries_) {
    if (entry->finished) continue;
    // Only a command makes one of a source that is off line.
    if (kind == engine::InterruptKind::burst && is_offline(*entry)) continue;
    entry->task->interrupt({kind});
  }
}

void Sources::on_clock_updated() {
  const auto now = tasks_.now();
  consider_time(now);
  auto context = settings_.context;
  context.ignore_certificate_dates = clock_driver_.keeper().updates() < settings_.no_certificate_time_check;
  context.dates = trust_.dates(now);
  const auto stratum = clock_driver_.keeper().tracking(now).stratum;
  context.own.stratum = stratum == 0 ? std::uint8_t{16} : stratum;
  context.own.reference_ids = own_reference_ids_;
  if (clock_driver_.keeper().updates() > 0) context.own.skew = clock_driver_.keeper().tracking(now).skew;
  if (context == settings_.context) return;
  const bool better_known = context.dates.correction != settings_.context.dates.correction ||
                            (settings_.context.dates.forgive_early && !context.dates.forgive_early);
  settings_.context = std::move(context);
  for (const auto& entry : entries_) {
    entry->task->association().set_context(settings_.context);
    if (better_known && !entry->finished && entry->task->association().depends_on_cert_dates())
      entry->task->interrupt({engine::InterruptKind::time_known});
  }
}

void Sources::set_symmetric_keys(std::shared_ptr<const protocol::SymmetricKeys> keys) {
  settings_.context.symmetric_keys = std::move(keys);
  for (const auto& entry : entries_) entry->task->association().set_context(settings_.context);
}

void Sources::begin_serving() {
  settings_.context.own.serves = true;
  for (const auto& entry : entries_) entry->task->association().set_context(settings_.context);
}

void Sources::look_at_clock() {
  if (const auto said = trust_.first_look(tasks_.now())) handlers_.on_note(*said);
}

void Sources::consider_time(const base::Now& now) {
  const auto& keeper = clock_driver_.keeper();
  std::optional<base::Seconds> correction;
  if (keeper.updates() > 0) correction = keeper.tracking(now).system_time;
  std::vector<engine::ClockTrust::Vote> votes;
  for (const auto& verdict : keeper.verdicts())
    if (verdict.reason == engine::Reason::provisional)
      votes.push_back({verdict.evidence.low, verdict.evidence.high});
  const auto nts_sources = std::ranges::count_if(entries_, [](const auto& entry) {
    const auto& source = entry->task->association().source();
    return source.nts && !source.no_select;
  });
  // A pool whose name does not resolve counts as one: whoever suppresses it must not decide alone.
  const auto all = static_cast<std::size_t>(nts_sources) + pools_.unresolved_with_nts();
  for (const auto& note : trust_.consider(correction, votes, all, now)) handlers_.on_note(note);
}

void Sources::keep_cookies(bool leaving) {
  for (const auto& entry : entries_)
    if (const auto memory = entry->task->association().memory(tasks_.now(), leaving)) store_.keep(*memory);
}

std::vector<engine::AssociationReport> Sources::reports(const base::Now& now) const {
  std::vector<engine::AssociationReport> reports;
  reports.reserve(entries_.size());
  for (const auto& entry : entries_) {
    auto& report = reports.emplace_back(entry->task->association().report(now));
    report.name_is_taken = entry->name_is_taken;
    report.offline_at_start = entry->configured.offline;  // a command may have said so before it was found
    // ECONNREFUSED: a request before has come there, and nobody listens.
    if (const auto& error = entry->task->send_failure(); error.code != 0 && error.code != ECONNREFUSED)
      report.send_failure = base::to_string(error);
  }
  std::ranges::move(pools_.reports(), std::back_inserter(reports));
  std::ranges::sort(reports, {}, &engine::AssociationReport::id);
  return reports;
}

engine::SourceNames Sources::names(base::SourceId id) const {
  const auto* entry = find(id);
  if (entry == nullptr) return {.address = {}, .name = pools_.name_of(id)};
  return {.address = entry->address.is_specified() ? base::to_string(entry->address) : std::string{},
          .name = entry->task->association().source().name};
}

std::optional<base::Endpoint> Sources::endpoint(base::SourceId id) const {
  const auto* entry = find(id);
  if (entry == nullptr || !entry->address.is_specified()) return std::nullopt;
  return base::Endpoint{entry->address, entry->task->association().source().port};
}

const Sources::Entry* Sources::holder(const base::Endpoint& endpoint) const {
  const auto found = std::ranges::find_if(entries_, [&](const auto& entry) {
    return !entry->finished && !entry->removed && entry->task->association().address() == endpoint.address &&
           entry->task->association().source().port == endpoint.port;
  });
  return found == entries_.end() ? nullptr : found->get();
}

Sources::Entry* Sources::find(base::SourceId id) const {
  const auto found = std::ranges::find_if(
      entries_, [&](const auto& entry) { return entry->task->association().id() == id; });
  return found == entries_.end() ? nullptr : found->get();
}

}  // namespace gnomon::core
