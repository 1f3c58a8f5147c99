// SPDX-License-Identifier: GPL-2.0-or-later
// What has happened to an association, and what follows for its parts.
#include <algorithm>
#include <chrono>

#include "daemon/core/engine/association/association.hpp"
#include "daemon/core/engine/association/packet_record.hpp"
#include "daemon/core/engine/values/packet_tests.hpp"
#include "daemon/core/engine/values/reference_id.hpp"

namespace gnomon::engine {

namespace {

constexpr int misses_until_elsewhere = 8;
constexpr base::Duration denied_pause = std::chrono::hours(24);
// Anybody who sees a request can forge a kiss without authentication. One that comes this often in a row,
// and never an answer with it, is heeded.
constexpr int kisses_to_believe = 4;

// Many sources, and many machines on one network, must not all send in the same instant.
base::Duration soon(const Turn& turn) {
  return base::to_duration(base::Seconds{turn.jitter()});
}

// Messages call a source by the address of its NTP server. Another one makes its key exchanges, or its name
// has another address now: a captive portal's, for instance.
protocol::KeFailure with_server(protocol::KeFailure failure, const base::IpAddress& asked,
                                const base::IpAddress& ntp_server) {
  if (!ntp_server.is_specified() || asked == ntp_server) return failure;
  const auto where = "asked was " + base::to_string(asked);
  failure.detail = failure.detail.empty() ? where : where + ": " + failure.detail;
  return failure;
}

}  // namespace

void Association::start(base::MonoTime now) {
  started_ = true;
  addresses_.started(now);
  if (is_online()) begin(now);
}

void Association::begin(base::MonoTime now) {
  patience_ = {.since = now};
  silent_ = false;
  poll_.begin(now);
}

// What was measured under keys of doubtful standing was measured for the date alone: all is asked again. A
// server that has such keys follow each other without end is not waited for any longer because of that.
void Association::begin_with_better_keys(base::MonoTime now) {
  const int renewals = patience_.renewals;
  if (renewals == 0) return poll_.begin(now);
  begin(now);
  patience_.renewals = renewals - 1;
}

// --- addresses and keys

void Association::resolved(const Resolved& event, Turn& turn) {
  const auto now = turn.now.mono;
  const auto update = addresses_.resolved(event, context_, turn);
  server_changed(update.ntp, turn);
  if (keys_ && update.replaced) keys_->server_replaced(update.unreached, now);
  if (update.found) begin(now);
  // One address after the other is asked, but nobody waits for the source longer than for one that has only
  // one.
  if (update.replaced && !keys_) poll_.begin(now);
}

void Association::server_changed(NtpAddressChange change, Turn& turn) {
  if (change == NtpAddressChange::none) return;
  delays_.clear();
  usual_delay_.clear();
  filter_.clear();
  scale_.forget();
  poll_.set_delay(std::nullopt);
  poll_.nobody_asked();
  change == NtpAddressChange::replaced ? server_.replaced() : server_.found();
  restart_peer();
  peer_listens_ = false;
  exchange_.forget_previous();
  if (keys_) keys_->client().address_changed();
  if (change != NtpAddressChange::replaced) return;
  auto address = base::to_string(addresses_.ntp().address);
  if (keys_)
    turn.note(note::SourceMoved{std::move(address)});
  else
    turn.note(note::SourceAddressChanged{std::move(address)});
}

void Association::loaded(const Kept& event, Turn& turn) {
  if (doing_ != Doing::loading || !keys_) return;
  const auto keys = keys_->loaded(event, source_, context_, turn);
  if (!keys) return;
  server_changed(addresses_.use(keys->ntp), turn);
  note_loaded(*keys, context_.nts_refresh, turn);
}

void Association::established(const protocol::NtsSession& session, Turn& turn) {
  if (doing_ != Doing::establishing || !keys_) return;
  if (auto why = addresses_.why_refused(session.ntp_server, session.ntp_port, context_); !why.empty())
    return establish_failed({protocol::KeFailureReason::bad_response, std::move(why)}, turn);
  const auto now = turn.now.mono;
  // The first minute with a wrong clock is not to become an hour.
  if (keys_->client().provisional() || keys_->client().forgives_dates()) begin_with_better_keys(now);
  keys_->succeeded(session, turn);
  if (poll_.next() < now) poll_.due_at(now);
  server_changed(addresses_.ke_succeeded(session.ntp_server, session.ntp_port, context_), turn);
}

void Association::establish_failed(const protocol::KeFailure& failure, Turn& turn) {
  if (doing_ != Doing::establishing || !keys_ || keys_->forgives(failure, context_, turn)) return;
  const auto told = with_server(failure, keys_->asked(), addresses_.ntp().address);
  const bool elsewhere = !failure.reached_tls() && addresses_.ke_unreachable(turn.now.mono);
  keys_->failed(told, source_, elsewhere, context_.one_shot, turn);
  if (context_.one_shot && keys_->is_hopeless(failure)) finished_ = true;
}

// --- exchanges

std::optional<Action> Association::received(const Received& event, Turn& turn) {
  if (doing_ != Doing::exchanging) return std::nullopt;
  server_.received();
  const Reception reception = exchange_.receive(event, nts());
  // Said once: a server that knows none of our cookies says NAK at every poll.
  if (keys_ && reception.first_nak && keys_->client().naks() == 0) turn.note(note::NtsNak{});
  const base::ReferenceId code = reception.check.header.reference_id;
  if (reception.first_kiss) {
    server_.valid();
    turn.note(note::KissReceived{letters_of(code)});
  }
  turn.step.record = record_of(event, reception.check, poll_.poll());
  if (!reception.ends) return Listen{exchange_.give_up()};
  server_.count_stamps(event);
  if (keys_) keys_->client().answered(reception.check.cookies);
  if (reception.check.disposition == Disposition::kiss)
    kissed(code, turn);
  else
    answered(event, reception.check, turn);
  return std::nullopt;
}

void Association::answered(const Received& event, const ResponseCheck& check, Turn& turn) {
  // One-shot exchanges follow each other too closely to be worth interleaving.
  const bool keep = source_.interleaved && !context_.one_shot;
  OpenExchange completed = exchange_.complete(event, check, turn.now.mono, keep);
  follow_remote(check, completed.exchanged);
  const Measured measured = measure(completed.exchanged, source_, context_, delays_, completed.at);
  turn.step.record = record_of(completed.exchanged, measured, poll_.poll());
  if (exchange_.is_warm_up() || completed.measured) {  // no sample comes of it, as chrony has it
    auto& tests = turn.step.record->tests;
    tests = static_cast<std::uint16_t>(tests & ~packet_test::delay_limit);
  }
  if (exchange_.is_warm_up()) return poll_.due_at(exchange_.give_up());
  server_.describe(event, completed.exchanged, measured, source_.asymmetry.value_or(0));
  // It is the answer, another will not come; but a server whose timestamps are nonsense might as well be
  // silent.
  if ((measured.tests & packet_test::valid) != packet_test::valid)
    missed(false, turn);
  else
    valid_answer(measured, completed, turn);
}

// Of an interleaved answer both timestamps are those of the exchange before.
void Association::follow_remote(const ResponseCheck& check, Exchanged& exchanged) {
  const RemoteTime now{check.header.receive, check.extensions.monotonic};
  const base::Seconds moved = scale_.moved(now);
  scale_.follow(now);
  if (exchanged.interleaved) move_remote(exchanged, moved);
  filter_.move(moved);
}

void Association::valid_answer(const Measured& measured, const OpenExchange& completed, Turn& turn) {
  const auto now = turn.now.mono;
  set_loop(measured.loop, turn);
  server_.valid();
  server_.answered();
  addresses_.answered();
  kisses_ = 0;
  const bool fit = (measured.tests & packet_test::fit) == packet_test::fit;
  silent_ = !fit;  // others need not wait for who has no time to tell
  if (fit) delays_.add(measured.sample.delay);
  poll_.set_delay(delays_.minimum());
  shift_reach(fit, turn);
  const bool good = measured.tests == packet_test::all;
  const bool done = good && !is_worth_another(measured.sample);
  poll_.ended(done ? ExchangeResult::good : ExchangeResult::answered, now, turn.wander());
  ++(good && !completed.measured ? patience_.measured : patience_.in_vain);
  if (good) {
    server_.good(now);
    exchange_.measured(completed.exchanged);
    if (!completed.measured) filter_.add(measured.sample);
  }
  pass_on_sample(turn);
}

// `burst`: after a long way, which may soon be shorter again. The sample counts nevertheless.
bool Association::is_worth_another(const Sample& sample) {
  return source_.burst && !usual_delay_.take(sample.delay, sample.dispersion, source_.max_delay_dev_ratio);
}

void Association::pass_on_sample(Turn& turn) {
  turn.step.sample = filter_.poll_over();
  if (turn.step.sample) turn.step.sample->source_moved = scale_.take();
}

void Association::silence(const Silence& event, Turn& turn) {
  if (doing_ != Doing::exchanging) return;
  const auto now = turn.now.mono;
  bool elsewhere = false;
  if (exchange_.is_warm_up()) {
    exchange_.forget_previous();
    poll_.due_at(exchange_.give_up());
  } else {
    elsewhere = missed(event.send_failed, turn);
    if (const auto kiss = exchange_.kiss_seen(); kiss && !elsewhere) heed(*kiss, turn);
  }
  if (event.send_failed && !elsewhere && source_.auto_offline && is_online())
    go_offline(Presence::offline_by_itself, turn);
  if (keys_ && exchange_.nak_seen() && keys_->client().refused()) poll_.due_at(now);
}

bool Association::missed(bool send_failed, Turn& turn) {
  const auto now = turn.now.mono;
  exchange_.forget_previous();
  shift_reach(false, turn);
  silent_ = true;
  ++patience_.in_vain;
  if (send_failed) poll_.nobody_asked();
  poll_.ended(ExchangeResult::silent, now, turn.wander());
  pass_on_sample(turn);
  if (addresses_.try_next(send_failed, now)) return true;
  const int misses = server_.misses();
  if (misses > 0 && misses % misses_until_elsewhere == 0 && !context_.one_shot) look_elsewhere();
  return false;
}

// Proven to be the server's.
void Association::kissed(base::ReferenceId code, Turn& turn) {
  const auto now = turn.now.mono;
  server_.valid();
  server_.kissed(code);
  exchange_.forget_previous();
  turn.note(note::KissReceived{letters_of(code)});
  shift_reach(false, turn);
  patience_.refused = true;
  poll_.slow_down(now, turn.wander());
  if (context_.one_shot) finished_ = true;
  if (code == kiss::rate) return;
  poll_.due_at(now + denied_pause);
  if (addresses_.is_pool_member()) look_elsewhere();
}

// A kiss without proof, and no answer has come with it. To ask less often costs little; all else takes a
// repetition.
void Association::heed(base::ReferenceId code, Turn& turn) {
  const bool rate = code == kiss::rate;
  server_.kissed(code);
  ++kisses_;
  if ((!rate || context_.one_shot) && kisses_ < kisses_to_believe) return;
  patience_.refused = true;
  poll_.slow_down(turn.now.mono, turn.wander());
  if (context_.one_shot) finished_ = true;
  if (!rate && addresses_.is_pool_member()) look_elsewhere();
}

void Association::shift_reach(bool reached, Turn& turn) {
  if (!server_.shift_reach(reached)) return;
  turn.step.reachability_changed = true;
  if (reached)
    turn.note(note::SourceReachable{});
  else
    turn.note(note::SourceUnreachable{});
}

void Association::set_loop(Loop loop, Turn& turn) {
  if (!server_.set_loop(loop)) return;
  filter_.clear();
  turn.step.loop_begins = true;
  if (loop == Loop::ourselves)
    turn.note(note::SourceIsOurselves{});
  else if (!peer_)  // of two peers the one that is better synchronised is followed by the other, and they
                    // take turns
    turn.note(note::SourceFollowsUs{});
}

void Association::look_elsewhere() {
  if (keys_) keys_->client().demand_ke();
  addresses_.look_elsewhere();
}

// --- from outside

// The interrupt has cancelled the action under way: it is to be begun again, and proves nothing of the
// source.
void Association::cancel(base::MonoTime now) {
  switch (doing_) {
    case Doing::resolving:
      return addresses_.lookup_cancelled(now);
    case Doing::loading:
      if (keys_) keys_->load_cancelled();
      return;
    case Doing::establishing:
      if (keys_) keys_->client().ke_cancelled(now);
      return;
    case Doing::exchanging:
      if (!peer_) poll_.due_soon(now);  // a peer is listened to as before
      return;
    case Doing::nothing:
      return;
  }
}

void Association::interrupt(const Interrupt& event, Turn& turn) {
  const auto now = turn.now.mono;
  cancel(now);
  switch (event.kind) {
    case InterruptKind::go_online:
      return go_online(turn);
    case InterruptKind::go_offline:
      return go_offline(Presence::offline, turn);
    case InterruptKind::burst:
      if (peer_) return;
      if (keys_) keys_->client().hasten(now);
      return poll_.begin_burst(now, event.good, event.total);
    case InterruptKind::clock_stepped:
      return clock_stepped(now);
    case InterruptKind::trust_changed:
      if (keys_) keys_->client().trust_changed(now);
      return;
    case InterruptKind::measure_afresh:
      return poll_.restart(now + soon(turn));
    case InterruptKind::network_changed:
      return network_changed(turn);
    case InterruptKind::advised:
      return;
    case InterruptKind::refresh:
      return addresses_.refresh(now);
    case InterruptKind::replace:
      addresses_.found_wrong(now);
      return look_elsewhere();
    case InterruptKind::time_known:
      if (keys_) keys_->client().check_dates(now);
      return;
    case InterruptKind::remove:
      finished_ = true;
      return;
  }
}

void Association::go_online(Turn& turn) {
  if (keys_) keys_->client().hasten(turn.now.mono);
  if (is_online()) return;
  presence_ = Presence::online;
  turn.note(note::SourceOnline{});
  addresses_.went_online(turn.now.mono);
  begin(turn.now.mono);
}

// On command it stays offline when the network changes.
void Association::go_offline(Presence why, Turn& turn) {
  const bool was_online = is_online();
  presence_ = why;
  if (!was_online) return;
  exchange_.forget_previous();
  poll_.end_burst();
  turn.note(note::SourceOffline{});
}

void Association::clock_stepped(base::MonoTime now) {
  filter_.clear();
  exchange_.forget_previous();  // its timestamps are of the former clock
  restart_peer();
  patience_ = {.since = patience_.since, .renewals = patience_.renewals};
  // What was measured before is known on the new scale: nothing is asked for sooner. A correction that steps
  // at every measurement would else make a flood of requests.
  if (keys_) keys_->client().clock_stepped(now);
}

void Association::network_changed(Turn& turn) {
  const auto now = turn.now.mono;
  addresses_.network_changed(now);
  exchange_.forget_previous();  // a server need not learn that we were elsewhere before
  peer_listens_ = false;        // the next packet may have to leave from another address
  if (keys_) keys_->client().network_changed(now);
  if (presence_ == Presence::offline_by_itself) {
    presence_ = Presence::online;
    turn.note(note::SourceOnline{});
  }
  // A source that is not reached is tried again at once, a burst under way goes on unless nothing of it could
  // leave; one that answers is asked a little sooner.
  if (server_.reach() != 0) return poll_.hasten(now + soon(turn));
  if (is_online() && (!poll_.in_burst() || !poll_.has_asked())) begin(now);
  poll_.due_soon(now + soon(turn));
}

}  // namespace gnomon::engine
