// SPDX-License-Identifier: GPL-2.0-or-later
// An association with a peer: symmetric mode (RFC 5905 section 9.2), always active. Both sides send when
// their own polls are due and listen all the time.
#include <algorithm>
#include <chrono>

#include "daemon/core/engine/association/association.hpp"
#include "daemon/core/engine/association/packet_record.hpp"
#include "daemon/core/engine/values/reference_id.hpp"

namespace gnomon::engine {

namespace {

// Who has the better clock waits a little longer, so that the peer asks first and is answered soon: its
// measurement is then the shorter one.
constexpr double wait_for_peer = 1.1;
constexpr double past_the_middle = wait_for_peer - 0.5;  // equals send evenly, in turn
constexpr double poll_spread = 0.02;

// Our clock may have been slewed in the poll interval that an exchange takes.
Exchanged evened(Exchanged exchanged, const PeerClock& clock) {
  exchanged.sent.time = clock.corrected(exchanged.sent.time);
  exchanged.received.time = clock.corrected(exchanged.received.time);
  return exchanged;
}

// A sample is of the clock as it is: the timekeeper knows how it ran, see straightened().
void as_shown(Sample& sample, const Exchanged& shown) {
  const base::RealTime middle = shown.sent.time + (shown.received.time - shown.sent.time) / 2;
  sample.offset += base::to_seconds(sample.time - middle);
  sample.time = middle;
  if (!sample.span) return;
  sample.span->sent = shown.sent.time;
  sample.span->received = shown.received.time;
}

int stratum_for_comparison(std::uint8_t stratum) {
  return base::Stratum{stratum}.usable() ? stratum : 16;
}

}  // namespace

// A burst would play havoc with the times at which the peer measures, and its packets answer nothing at once.
config::Source Association::as_peer(config::Source source) {
  source.iburst = source.burst = source.copy = false;
  source.presend.reset();
  return source;
}

Action Association::attend_peer(Turn& turn) {
  const auto now = turn.now.mono;
  if (now < poll_.next()) {
    if (peer_listens_) return Listen{poll_.next()};
    return Wait{poll_.next()};
  }
  std::shared_ptr<const protocol::SymmetricKey> key;
  if (symmetric_) {
    key = symmetric_->key(context_, turn);
    if (!key) return skip_poll(turn, base::MonoTime::max());
  }
  return send_to_peer(std::move(key), turn);
}

Action Association::send_to_peer(std::shared_ptr<const protocol::SymmetricKey> key, Turn& turn) {
  const auto plan = plan_request(std::move(key));
  auto packet = peer_->next_packet({.clock = own_clock_,
                                    .version = plan.version,
                                    .key = plan.key,
                                    .poll = poll_.poll(),
                                    .interleaved = source_.interleaved,
                                    .wished = plan.wished},
                                   turn.now.real, turn.entropy);
  poll_.started(turn.now.mono);
  peer_asked_ = turn.now.mono;
  server_.sent();
  poll_.due_at(turn.now.mono + peer_interval(false, {}, turn));
  return Exchange{.to = plan.to,
                  .request = std::move(packet),
                  .give_up = poll_.next(),
                  .port = peer_listens_ ? Port::same : Port::server};
}

// From our last packet to the next one; elapsed: since then, when the peer's packet has just come.
base::Duration Association::peer_interval(bool heard, base::Duration elapsed, const Turn& turn) const {
  auto poll = poll_.poll();
  // The shorter one of ours and the peer's, as far as minpoll allows.
  if (const auto remote = peer_->remote_poll(); remote && poll > *remote && server_.reach() != 0)
    poll = std::max(*remote, poll_.shortest());
  const base::Seconds interval = base::to_seconds(poll.interval()) * (1.0 + poll_spread * turn.wander());
  const int worse = peer_->remote_stratum() - stratum_for_comparison(context_.own.stratum);
  const double passed = base::to_seconds(elapsed) / interval;
  const bool peer_first = worse > 0 && passed * wait_for_peer < 1;
  const bool in_turn = heard && worse == 0 && passed > past_the_middle;
  return base::to_duration(peer_first || in_turn ? interval * wait_for_peer : interval);
}

void Association::heard_peer(const Received& event, Turn& turn) {
  if (doing_ != Doing::exchanging || event.from != addresses_.ntp()) return;
  server_.received();
  const PeerReception reception = peer_->receive(event, poll_.poll());
  if (reception.echo) return set_loop(Loop::ourselves, turn);
  turn.step.record = record_of(event, reception.check, poll_.poll());
  if (!reception.exchanged) return;
  server_.count_stamps(event);
  const auto& header = reception.check.header;
  if (header.stratum == 0 && header.leap == base::LeapIndicator::unsynchronised &&
      header.reference_id == kiss::rate)
    return kissed_by_peer(turn);
  const auto now = turn.now.mono;
  const RemoteTime remote{header.receive, reception.check.extensions.monotonic};
  filter_.move(scale_.moved(remote));
  scale_.follow(remote);
  const Exchanged& shown = *reception.exchanged;
  const Exchanged even = evened(shown, own_clock_);
  Measured measured = measure(even, source_, context_, delays_, now);
  turn.step.record = record_of(even, measured, poll_.poll());
  server_.describe(event, even, measured, source_.asymmetry.value_or(0));
  as_shown(measured.sample, shown);
  valid_answer(measured, {.exchanged = shown, .at = now}, turn);
  peer_->measured(measured.tests == packet_test::all);
  poll_.due_at(std::max(now, peer_asked_ + peer_interval(true, now - peer_asked_, turn)));
}

void Association::kissed_by_peer(Turn& turn) {
  server_.valid();
  server_.kissed(kiss::rate);
  turn.note(note::KissReceived{letters_of(kiss::rate)});
  shift_reach(false, turn);
  poll_.slow_down(turn.now.mono, turn.wander());
}

// The next packet is due. Whoever has not answered the last one has missed a poll.
void Association::peer_poll_over(const Silence& event, Turn& turn) {
  if (doing_ != Doing::exchanging) return;
  if (event.send_failed) peer_listens_ = false;
  if (peer_->answered() || !peer_->has_sent()) return;
  const bool elsewhere = missed(event.send_failed, turn);
  if (elsewhere) return;
  if (event.send_failed)
    poll_.due_at(turn.now.mono + peer_interval(false, {}, turn));
  else
    poll_.due_at(turn.now.mono);
  if (event.send_failed && source_.auto_offline && is_online()) go_offline(Presence::offline_by_itself, turn);
}

void Association::restart_peer() {
  if (peer_) peer_->restart();
}

}  // namespace gnomon::engine
