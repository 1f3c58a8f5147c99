// SPDX-License-Identifier: GPL-2.0-or-later
// An association's exchanges: the question, what comes back, and what is learnt from silence.
#include <algorithm>
#include <bit>
#include <chrono>
#include <utility>

#include "daemon/core/engine/association/association_state.hpp"
#include "daemon/core/engine/association/entropy.hpp"
#include "daemon/core/engine/values/reference_id.hpp"

namespace gnomon::engine {

namespace {

using namespace std::chrono_literals;

constexpr int misses_until_elsewhere = 8;
constexpr base::Duration warm_up_lead = 2s;
constexpr base::Duration search_timeout = 2s;
constexpr base::Duration denied_pause = std::chrono::hours(24);
// Anybody who sees a question can forge a kiss without authentication. One that comes this often in a row,
// and never an answer with it, is heeded.
constexpr int kisses_to_believe = 4;

void count_stamp(StampSource stamp, std::uint32_t& kernel, std::uint32_t& hardware) {
  if (stamp == StampSource::kernel) ++kernel;
  if (stamp == StampSource::hardware) ++hardware;
}

}  // namespace

// presend: what lies on the way may have forgotten us since the last poll. Interleaved, the exchange that is
// measured is the one before, so that one more is needed.
bool Association::State::wants_warm_up() const {
  if (poll.in_burst() || poll.poll().value < source.presend) return false;
  return warm_ups < (source.interleaved ? 2 : 1);
}

Action Association::State::ask(const base::Now& now, const StepEntropy& entropy) {
  const std::uint8_t version =
      source.version == 0 ? std::uint8_t{4} : static_cast<std::uint8_t>(source.version);
  const auto origin = previous ? previous->exchanged.header.receive : base::NtpTimestamp{};
  question = make_request(version, poll.poll(), nts ? &*nts : nullptr, origin, entropy);
  warming = wants_warm_up();
  warm_ups = warming ? warm_ups + 1 : 0;
  const auto timeout = searches() ? std::min(poll.timeout(), search_timeout) : poll.timeout();
  give_up = now.mono + (warming ? warm_up_lead : timeout);
  nak_seen = false;
  kiss_seen.reset();
  doing = Doing::exchanging;
  reserved.reset();
  if (!warming) poll.started(now.mono);
  ++ntp.total_tx;
  return Exchange{{ntp_address, ntp_port}, question.datagram, give_up};
}

void Association::State::shift_reach(bool reached, Step& step) {
  const bool before = reach != 0;
  reach = static_cast<std::uint8_t>((static_cast<unsigned>(reach) << 1U) | (reached ? 1U : 0U));
  misses = reached ? 0 : misses + 1;
  if (before == (reach != 0)) return;
  step.reachability_changed = true;
  note(step, reached ? NoteKind::source_reachable : NoteKind::source_unreachable);
}

bool Association::State::missed(const base::Now& now, double wander, Step& step, bool send_failed) {
  previous.reset();
  shift_reach(false, step);
  silent = true;
  if (send_failed) poll.nobody_asked();
  poll.ended(ExchangeResult::silent, now.mono, wander);
  step.sample = filter.poll_over();
  if (try_next_address(send_failed, now)) return true;
  if (misses > 0 && misses % misses_until_elsewhere == 0 && !around.one_shot) look_elsewhere();
  return false;
}

void Association::State::remember(const Received& event, const Exchanged& exchanged,
                                  const Measured& measured) {
  const protocol::Header& header = exchanged.header;
  stratum = measured.sample.stratum.value;
  ntp.any = true;
  ntp.local = event.local;
  ntp.leap = header.leap;
  ntp.version = header.version;
  ntp.mode = static_cast<std::uint8_t>(header.mode);
  ntp.stratum = header.stratum;
  ntp.poll = header.poll;
  ntp.precision = header.precision;
  ntp.root_delay = header.root_delay.seconds();
  ntp.root_dispersion = header.root_dispersion.seconds();
  ntp.reference_id = header.reference_id;
  ntp.reference_time =
      header.reference.is_zero() ? base::RealTime{} : base::from_ntp(header.reference, event.received.time);
  ntp.offset = -measured.sample.offset;
  ntp.delay = measured.sample.delay;
  ntp.dispersion = measured.sample.dispersion;
  ntp.response_time = measured.response_time;
  ntp.jitter_asymmetry = source.asymmetry.value_or(0);
  ntp.tests = measured.tests;
  ntp.interleaved = exchanged.interleaved;
  ntp.authenticated = exchanged.authenticated;
  ntp.tx_stamp = exchanged.sent.source;
  ntp.rx_stamp = exchanged.received.source;
}

// The exchange that this answer completes: its own, or the previous one. Its own is kept for the next answer.
OpenExchange Association::State::pair_up(const Received& event, const ResponseCheck& checked,
                                         const base::Now& now) {
  const OpenExchange own{{.header = checked.header,
                          .sent = event.sent,
                          .received = event.received,
                          .local = event.local,
                          .server = event.from.address,
                          .ours = event.ours,
                          .authenticated = checked.authenticated},
                         now.mono};
  auto completed = own;
  if (previous && checked.mode == protocol::AnswerMode::interleaved) {
    completed = *previous;
    completed.exchanged.header = checked.header;
    completed.exchanged.header.receive = previous->exchanged.header.receive;
    completed.exchanged.ours = event.ours;
    completed.exchanged.interleaved = true;
  }
  // One-shot exchanges follow each other too closely to be worth it.
  if (source.interleaved && !around.one_shot) previous = own;
  return completed;
}

void Association::State::watch_for_loop(Loop now, Step& step) {
  if (now == std::exchange(loop, now) || loop == Loop::none) return;
  filter.clear();
  step.loop_begins = true;
  note(step, loop == Loop::ourselves ? NoteKind::source_is_ourselves : NoteKind::source_follows_us);
}

void Association::State::answered(const Received& event, const ResponseCheck& checked, const base::Now& now,
                                  double wander, Step& step) {
  const auto [exchanged, at, already_measured] = pair_up(event, checked, now);
  if (warming) return poll.due_at(give_up);
  const Measured measured = measure(exchanged, source, around, delays, at);
  remember(event, exchanged, measured);
  // It is the answer, another will not come; but a server whose timestamps are nonsense might as well be
  // silent.
  if ((measured.tests & tests::valid) != tests::valid) {
    missed(now, wander, step);
    return;
  }
  watch_for_loop(measured.loop, step);
  ++ntp.total_valid_rx;
  last_kiss.reset();
  heard = true;
  silent = false;
  kisses = 0;
  forget_tried();
  const bool fit = (measured.tests & tests::fit) == tests::fit;
  if (fit) delays.add(measured.sample.delay);
  poll.set_delay(delays.minimum());
  shift_reach(fit, step);
  const bool good = measured.tests == tests::all;
  poll.ended(good ? ExchangeResult::good : ExchangeResult::answered, now.mono, wander);
  if (good) {
    ++ntp.total_good_rx;
    last_good = now.mono;
    if (previous) previous->measured = !exchanged.interleaved;
    if (!already_measured) filter.add(measured.sample);
  }
  step.sample = filter.poll_over();
}

// A server that sends a kiss sends no answer: whoever forges one cannot keep the true answer from being
// heard.
void Association::State::doubt(base::ReferenceId kiss, Step& step) {
  if (kiss_seen) return;
  kiss_seen = kiss;
  ++ntp.total_valid_rx;
  note(step, NoteKind::kiss_received, 0, letters_of(kiss));
}

// No answer has come with it. To ask less often costs little; all else takes a repetition.
void Association::State::heed(base::ReferenceId kiss, const base::Now& now, double wander) {
  const bool rate = kiss == kiss_rate;
  last_kiss = kiss;
  ++kisses;
  if ((!rate || around.one_shot) && kisses < kisses_to_believe) return;
  poll.slow_down(now.mono, wander);
  given_up = around.one_shot;
  // Another address of the same name may be willing.
  if (!rate && !name_is_literal && source.kind == config::SourceKind::pool) look_elsewhere();
}

// Proven to be the server's.
void Association::State::kissed(const ResponseCheck& checked, const base::Now& now,
                                const StepEntropy& entropy, Step& step) {
  const base::ReferenceId code = checked.header.reference_id;
  ++ntp.total_valid_rx;
  previous.reset();
  last_kiss = code;
  note(step, NoteKind::kiss_received, 0, letters_of(code));
  shift_reach(false, step);
  poll.slow_down(now.mono, wander_of(entropy));
  if (around.one_shot) given_up = true;
  if (code == kiss_rate) return;
  poll.due_at(now.mono + denied_pause);
  // Another address of the same name may be willing.
  if (!name_is_literal && source.kind == config::SourceKind::pool) look_elsewhere();
}

std::optional<Action> Association::State::received(const Received& event, const base::Now& now,
                                                   const StepEntropy& entropy, Step& step) {
  if (doing != Doing::exchanging) return std::nullopt;
  ++ntp.total_rx;
  const bool ours = event.from.address == ntp_address && event.from.port == ntp_port;
  ResponseCheck checked;
  if (ours) checked = judge(event.datagram, question, nts ? &*nts : nullptr);
  // Said once: a server that knows none of our cookies says NAK at every poll.
  if (nts && checked.disposition == Disposition::nak && !std::exchange(nak_seen, true) && nts->naks() == 0)
    note(step, NoteKind::nts_nak);
  const bool doubtful = checked.disposition == Disposition::kiss && !checked.authenticated;
  if (doubtful) doubt(checked.header.reference_id, step);
  if (doubtful || checked.disposition == Disposition::ignored || checked.disposition == Disposition::nak)
    return Listen{give_up};
  count_stamp(event.sent.source, ntp.total_kernel_tx, ntp.total_hw_tx);
  count_stamp(event.received.source, ntp.total_kernel_rx, ntp.total_hw_rx);
  if (nts) nts->answered(checked.cookies);
  if (checked.disposition == Disposition::kiss)
    kissed(checked, now, entropy, step);
  else
    answered(event, checked, now, wander_of(entropy), step);
  return std::nullopt;
}

void Association::State::silence(const Silence& event, const base::Now& now, const StepEntropy& entropy,
                                 Step& step) {
  if (doing != Doing::exchanging) return;
  bool elsewhere = false;
  if (warming) {
    previous.reset();
    poll.due_at(give_up);
  } else {
    elsewhere = missed(now, wander_of(entropy), step, event.send_failed);
    if (kiss_seen && !elsewhere) heed(*kiss_seen, now, wander_of(entropy));
  }
  if (event.send_failed && !elsewhere && source.auto_offline && online) {
    online = false;
    offline_by_itself = true;
    poll.end_burst();
    note(step, NoteKind::source_offline);
  }
  if (nts && nak_seen && nts->refused()) poll.due_at(now.mono);
}

}  // namespace gnomon::engine
