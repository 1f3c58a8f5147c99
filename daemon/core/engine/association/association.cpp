// SPDX-License-Identifier: GPL-2.0-or-later
// What an association does next, and what it reports.
#include "daemon/core/engine/association/association.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/overloaded.hpp"
#include "daemon/core/engine/text/ke_messages.hpp"
#include "protocol/mac/packet_mac.hpp"

namespace gnomon::engine {

namespace {

using namespace std::chrono_literals;

constexpr base::Duration very_long = 24h;
constexpr base::Duration search_timeout = 2s;

// presend: what lies on the way may have forgotten us since the last poll. Interleaved, the exchange that is
// measured is the one before, so that one more is needed.
int warm_ups_for(const config::Source& source, const PollControl& poll) {
  if (poll.in_burst() || !source.presend || poll.poll() < *source.presend) return 0;
  return source.interleaved ? 2 : 1;
}

// In one shot the answer is wanted at once, which a peer gives to clients.
bool is_symmetric(const config::Source& source, const EngineContext& context) {
  return source.kind == config::SourceKind::peer && !context.one_shot;
}

}  // namespace

Association::Association(base::SourceId id, const config::Source& source, const base::IpAddress& address,
                         const EngineContext& context)
    : id_(id),
      source_(is_symmetric(source, context) ? as_peer(source) : source),
      context_(context),
      addresses_(source, address),
      poll_(source_, context.one_shot),
      filter_(source.filter),
      presence_(source.offline ? Presence::offline : Presence::online) {
  if (source.nts)
    keys_.emplace(source);
  else if (source.key_id != 0)
    symmetric_.emplace(source.key_id);
  if (is_symmetric(source, context)) peer_.emplace();
}

Association::Doing Association::doing_of(const Action& action) {
  return std::visit(base::Overloaded{[](const Wait&) { return Doing::nothing; },
                                     [](const Resolve&) { return Doing::resolving; },
                                     [](const LoadKept&) { return Doing::loading; },
                                     [](const Establish&) { return Doing::establishing; },
                                     [](const Exchange&) { return Doing::exchanging; },
                                     [](const Listen&) { return Doing::exchanging; },
                                     [](const Finish&) { return Doing::nothing; }},
                    action);
}

Step Association::resume(const Event& event, const base::Now& now, const StepEntropy& entropy) {
  Turn turn{id_, now, entropy};
  if (!started_) start(now.mono);
  std::optional<Action> further;
  std::visit(
      base::Overloaded{[](const Started&) {}, [](const Woken&) {},
                       [&](const Resolved& e) { resolved(e, turn); }, [&](const Kept& e) { loaded(e, turn); },
                       [&](const Established& e) { established(e.session, turn); },
                       [&](const EstablishFailed& e) { establish_failed(e.failure, turn); },
                       [&](const Received& e) {
                         if (peer_)
                           heard_peer(e, turn);
                         else
                           further = received(e, turn);
                       },
                       [&](const Silence& e) { peer_ ? peer_poll_over(e, turn) : silence(e, turn); },
                       [&](const Interrupt& e) { interrupt(e, turn); }},
      event);
  turn.step.action = further ? *further : decide(turn);
  doing_ = doing_of(turn.step.action);
  peer_listens_ = peer_ && doing_ == Doing::exchanging;
  if (keys_ && keys_->client().worth_keeping(now.mono)) turn.step.memory = memory(now, false);
  return std::move(turn.step);
}

Action Association::decide(Turn& turn) {
  const auto now = turn.now.mono;
  if (finished_) return Finish{};
  if (!is_online() && !poll_.in_burst()) {
    if (context_.one_shot) return Finish{};
    return Wait{now + very_long};
  }
  if (const auto action = addresses_.next(now, context_)) return *action;
  if (context_.one_shot && poll_.finished()) return Finish{};
  if (peer_) return attend_peer(turn);
  if (const auto action = acquire_keys(turn)) return *action;
  if (const auto at = slot_.opens_at(poll_.next(), now, poll_.pace()); now < at) return Wait{at};
  return ask(turn);
}

// Nothing: without NTS, or while there are keys and cookies to go on with.
std::optional<Action> Association::acquire_keys(Turn& turn) {
  if (!keys_) return std::nullopt;
  const auto now = turn.now.mono;
  const NtsClient& client = keys_->client();
  if (const auto load = keys_->load(addresses_.source_address(), context_)) return *load;
  if (!client.wants_ke(now, context_.nts_refresh)) return std::nullopt;
  if (now >= client.ke_allowed_at()) return keys_->start(addresses_.begin_ke(), source_, context_, now);
  if (client.ready()) return std::nullopt;
  return skip_poll(turn, client.ke_allowed_at());
}

// Keys are missing. A poll that cannot be made is a poll without an answer.
Action Association::skip_poll(Turn& turn, base::MonoTime until) {
  const auto now = turn.now.mono;
  if (poll_.next() <= now) {
    poll_.started(now);
    poll_.nobody_asked();
    missed(false, turn);
    if (context_.one_shot && poll_.finished()) return Finish{};
  }
  return Wait{std::min(until, poll_.next())};
}

// Transparent clocks see nothing but PTP.
protocol::Extensions Association::wished() const {
  protocol::Extensions wished;
  if (source_.monotonic_root) wished.monotonic.emplace();
  if (source_.network_correction && context_.ptp_port != 0 && addresses_.ntp().port == context_.ptp_port)
    wished.correction.emplace(0);
  return wished;
}

RequestPlan Association::plan_request(std::shared_ptr<const protocol::SymmetricKey> key) const {
  const auto timeout = poll_.timeout();
  // As chrony does, for chronyds that do not cut the digest of version 4; those that know the newer fields
  // and modes do.
  const bool newer = source_.interleaved || source_.monotonic_root || source_.network_correction;
  const bool older = key && protocol::is_cut_in_version_4(key->type) && !newer;
  const int version = source_.version != 0 ? source_.version : older ? 3 : 4;
  return {.to = addresses_.ntp(),
          .version = static_cast<std::uint8_t>(version),
          .key = std::move(key),
          .poll = poll_.poll(),
          .timeout = addresses_.searches() ? std::min(timeout, search_timeout) : timeout,
          .warm_ups = warm_ups_for(source_, poll_),
          .wished = wished()};
}

Action Association::ask(Turn& turn) {
  std::shared_ptr<const protocol::SymmetricKey> key;
  if (symmetric_) {
    key = symmetric_->key(context_, turn);
    if (!key) return skip_poll(turn, base::MonoTime::max());
  }
  auto exchange = exchange_.start(plan_request(std::move(key)), nts(), turn.now.mono, turn.entropy);
  slot_.used();
  if (!exchange_.is_warm_up()) poll_.started(turn.now.mono);
  server_.sent();
  return exchange;
}

bool Association::advise(const PollAdvice& advice) {
  const base::MonoTime before = poll_.next();
  poll_.approach(advice.best);
  return poll_.next() < before;
}

void Association::reconfigure(const config::Source& source) {
  if (source.min_poll != source_.min_poll) poll_.set_minimum(source.min_poll);
  if (source.max_poll != source_.max_poll) poll_.set_maximum(source.max_poll);
  source_ = peer_ ? as_peer(source) : source;
}

std::optional<NtsMemory> Association::memory(const base::Now& now, bool leaving) {
  if (!keys_ || !context_.remembers) return std::nullopt;
  return keys_->memory(addresses_.source_address(), addresses_.ntp(), source_.name, now, leaving);
}

bool Association::depends_on_cert_dates() const {
  return keys_ && keys_->client().depends_on_cert_dates();
}

const base::IpAddress& Association::address() const {
  const auto& ntp = addresses_.ntp().address;
  return ntp.is_specified() ? ntp : addresses_.source_address();
}

Activity Association::activity() const {
  if (!addresses_.source_address().is_specified()) return Activity::unresolved;
  if (poll_.in_burst()) return is_online() ? Activity::burst_online : Activity::burst_offline;
  return is_online() ? Activity::online : Activity::offline;
}

std::uint64_t Association::polls_needed() const {
  const bool one_is_all = source_.max_samples.value_or(context_.max_samples) == 1;
  const std::uint64_t samples_needed = one_is_all ? 1 : 3;  // as SourceTable has it
  return samples_needed * static_cast<std::uint64_t>(std::max(source_.filter, 1));
}

// Of as many polls as selection needs samples for, and of a few that are lost.
bool Association::may_become_samples() const {
  constexpr std::uint64_t most_in_vain = 4;
  return !patience_.refused && patience_.measured < polls_needed() && patience_.in_vain < most_in_vain;
}

// If it answers from now on.
base::MonoTime Association::ready_at(base::MonoTime now) const {
  const auto missing = polls_needed() - std::min(patience_.measured, polls_needed());
  return poll_.last_of(missing, doing_ == Doing::exchanging ? now : std::max(now, poll_.next()));
}

// A name or keys may take as long as a burst does; a silent source is waited for only once.
std::optional<base::MonoTime> Association::awaited_until() const {
  constexpr base::Duration longest = 16s;
  if (finished_ || (!is_online() && !poll_.in_burst()) || (context_.one_shot && poll_.finished()))
    return std::nullopt;
  if (peer_) return std::nullopt;                         // it may be waiting for us
  if (server_.loop() != Loop::none) return std::nullopt;  // however often it answers, nothing comes of it
  if (doing_ == Doing::resolving || doing_ == Doing::loading || doing_ == Doing::establishing)
    return patience_.since + longest;
  if (!may_become_samples()) return std::nullopt;
  if (!addresses_.ntp().address.is_specified() || (keys_ && !keys_->client().ready()) ||
      (silent_ && server_.reach() == 0))
    return std::nullopt;
  return doing_ == Doing::exchanging ? exchange_.give_up() : poll_.next() + poll_.timeout();
}

AssociationReport Association::report(const base::Now& now) const {
  AssociationReport report;
  report.id = id_;
  report.kind = source_.kind;
  report.name = source_.name;
  report.address = address();
  report.port = addresses_.ntp().port;
  report.activity = activity();
  report.burst_at_start = source_.iburst;
  report.offline_at_start = source_.offline;
  report.is_offline = !is_online();
  report.filter = static_cast<std::uint16_t>(std::clamp(source_.filter, 1, 0xffff));
  report.poll = poll_.poll();
  report.awaited_until = awaited_until();
  if (report.awaited_until) report.ready_at = ready_at(now.mono);
  server_.fill(report, now.mono, {.polls = source_.max_unreach, .last_is_over = doing_ == Doing::exchanging});
  if (keys_) {
    report.auth = keys_->client().report(now.mono);
    if (const auto& failure = keys_->client().last_failure())
      report.auth.failure_text =
          describe(*failure, source_) + next_try(keys_->client().ke_allowed_at() - now.mono);
  }
  if (symmetric_) report.auth = symmetric_->report(context_);
  report.select_options = {source_.no_select, source_.prefer, source_.trust, source_.require};
  return report;
}

}  // namespace gnomon::engine
