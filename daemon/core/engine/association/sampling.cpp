// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/sampling.hpp"

#include <algorithm>
#include <cmath>

#include "base/ntp_time.hpp"
#include "daemon/core/engine/values/reference_id.hpp"

namespace gnomon::engine {

namespace {

constexpr base::Seconds longest_root_distance{16};  // RFC 5905 MAXDISP
constexpr int coarsest_precision = -5;              // clocks that tick 32 times a second: none is coarser
constexpr base::Seconds apart{1e-3};                // two clocks of one server that stamp its packets

// By how much two timestamps of a server can be in the wrong order though its clock runs well: what is below
// its precision is random (chronyd), and one is taken by the network card and the other by a clock that
// ticks.
base::Seconds rounding_error(const protocol::Header& header) {
  return base::Seconds{std::ldexp(1.0, std::clamp<int>(header.precision, -32, coarsest_precision))} + apart;
}

base::Seconds precision_of(const protocol::Header& header) {
  return base::Seconds{std::ldexp(1.0, std::clamp<int>(header.precision, -32, 4))};
}

// A server's timestamps are finer than a nanosecond: what is left of this one.
base::Seconds rounded_off(base::NtpTimestamp timestamp, base::RealTime rounded) {
  return (timestamp - base::to_ntp(rounded)).seconds();
}

Sample sample_of(const Exchanged& e, const config::Source& source, const EngineContext& context,
                 base::MonoTime now) {
  const base::RealTime sent = e.sent.time;
  const base::RealTime received = e.received.time;
  // Not what is nearest to our clock: that may show 1970, or a hundred years from now.
  const base::RealTime there = base::from_ntp_since(e.header.receive, context.era);
  const base::RealTime left = base::from_ntp_since(e.header.transmit, context.era);
  const base::Duration out = there - sent;
  const base::Duration back = left - received;
  const base::Seconds out_rest = rounded_off(e.header.receive, there);
  const base::Seconds back_rest = rounded_off(e.header.transmit, left);
  const base::Seconds elapsed{std::fabs(base::to_seconds(received - sent).count())};
  // What is said of a clock that was never compared with another: it may drift by so much.
  const double drift = e.symmetric ? context.own.skew.ratio() : 0;
  Sample sample;
  sample.time = sent + (received - sent) / 2;
  sample.mono = now;
  sample.offset =
      base::to_seconds(out) / 2 + base::to_seconds(back) / 2 + (out_rest + back_rest) / 2 + source.offset;
  sample.delay = base::to_seconds(out - back) + (out_rest - back_rest);
  sample.dispersion =
      context.clock_precision + precision_of(e.header) + elapsed * (context.max_clock_error.ratio() + drift);
  sample.root_delay = e.root_delay();
  sample.root_dispersion = e.root_dispersion();
  sample.stratum = {static_cast<std::uint8_t>(
      std::clamp<int>(std::max<int>(e.header.stratum, source.min_stratum.value), 0, 16))};
  sample.reference_id = e.header.reference_id;
  sample.leap = e.header.leap;
  sample.authenticated = e.authenticated;
  sample.local = e.local;
  if (e.symmetric)
    sample.span = Span{sent, received, (e.header.transmit - e.header.receive).seconds(), drift};
  return sample;
}

// What transparent clocks have measured, if they did so in both directions and it makes sense: nobody vouches
// for it, so that the root distance stays what it was. The two links are taken to be equally fast.
void correct_for_network(const Exchanged& e, Sample& sample) {
  constexpr double fastest = 100e-6;  // of their clocks: a round trip is not to become too short
  const base::Seconds there = e.extensions.correction.value_or(base::Seconds{0}) - e.received.on_wire;
  const base::Seconds back = e.received.held;
  if (!e.extensions.correction || *e.extensions.correction <= base::Seconds{0} || back <= base::Seconds{0})
    return;
  const base::Seconds both = (there + back) * (1 - fastest);
  if (both < base::Seconds{0} || both > sample.delay) return;
  sample.offset += (back - there) / 2;
  sample.delay -= both;
  sample.root_delay += both;
  if (sample.span) sample.span->remote += both;  // as if the peer had held them
}

bool is_synchronised(const Exchanged& e) {
  const protocol::Header& header = e.header;
  if (header.leap == base::LeapIndicator::unsynchronised) return false;
  if (!base::Stratum{header.stratum}.usable()) return false;
  // The server's clock may well have been set after an earlier answer left.
  return e.interleaved || header.reference.is_zero() ||
         (header.transmit - header.reference).seconds() >= -rounding_error(header);
}

base::Seconds floor_of(const config::Source& source, const DelayWindow& window, base::Seconds delay) {
  const base::Seconds seen = std::min(window.minimum().value_or(delay), delay);
  return source.min_delay > base::Seconds{} ? std::min(source.min_delay, delay) : seen;
}

bool within_ratio(const Measured& m, const config::Source& source, const DelayWindow& window) {
  const base::Seconds floor = floor_of(source, window, m.sample.delay);
  return source.max_delay_ratio <= 0 || window.count() == 0 ||
         m.sample.delay <= floor * source.max_delay_ratio + m.sample.dispersion;
}

// Half of what our clock can tell is as good as nothing: more would let through what is to be kept out.
bool within_quantile(const Measured& m, const config::Source& source, const DelayWindow& window,
                     base::Seconds precision) {
  const auto quantile = window.quantile(source.max_delay_quantile);
  return !quantile || m.sample.delay <= *quantile + precision / 2;
}

// maxdelayquant takes the place of maxdelaydevratio.
bool within_deviation(const Measured& m, const config::Source& source, const DelayWindow& window,
                      base::Seconds precision) {
  if (source.max_delay_quantile > 0) return within_quantile(m, source, window, precision);
  const auto deviation = window.deviation();
  if (!deviation || source.max_delay_dev_ratio <= 0) return true;
  const base::Seconds excess = (m.sample.delay - floor_of(source, window, m.sample.delay)) / 2;
  return excess <= std::max(*deviation, m.sample.dispersion) * source.max_delay_dev_ratio;
}

// A server that follows us would have us follow ourselves. We know it by the address it would know us by: the
// one its answer came to, and, should its stratum fit, any other.
bool follows_us(const Exchanged& e, const OwnClock& own) {
  const base::ReferenceId whom = e.header.reference_id;
  if (e.header.stratum <= 1 || !base::Stratum{e.header.stratum}.usable()) return false;
  const bool here = e.local.is_loopback() || e.local == e.server;
  if (e.local.is_specified() && !e.local.is_loopback() && whom == reference_id_of(e.local)) return true;
  if (e.header.stratum <= own.stratum) return false;
  // To a server elsewhere loopback is itself, and a private address may be another one's than ours.
  if (is_loopback_id(whom)) return here;
  if (is_private_id(whom) && !is_private(e.server)) return false;
  return std::ranges::binary_search(own.reference_ids, whom);
}

// A peer's timestamps are checked as those of one exchange, a server's as those of an answer given at once.
bool is_one_exchange(const Exchanged& e, const Measured& m) {
  return e.symmetric ? !e.missed : m.response_time <= longest_response_time;
}

Loop loop_of(const Exchanged& e, const EngineContext& context) {
  if (e.ours) return Loop::ourselves;
  // A peer is told our time even where we serve nobody.
  const bool tells = context.own.serves || e.symmetric;
  return !context.one_shot && tells && follows_us(e, context.own) ? Loop::follows_us : Loop::none;
}

}  // namespace

void move_remote(Exchanged& exchanged, base::Seconds by) {
  exchanged.header.receive = exchanged.header.receive + by;
  exchanged.header.transmit = exchanged.header.transmit + by;
}

Measured measure(const Exchanged& exchanged, const config::Source& source, const EngineContext& context,
                 const DelayWindow& window, base::MonoTime now) {
  Measured m;
  m.sample = sample_of(exchanged, source, context, now);
  m.response_time = (exchanged.header.transmit - exchanged.header.receive).seconds();
  if (exchanged.symmetric) {
    m.response_time = base::Seconds{std::fabs(m.response_time.count())};
    // Over a long interval the clocks drift apart by more than a short way takes.
    m.sample.delay = base::Seconds{std::fabs(m.sample.delay.count())};
  }
  correct_for_network(exchanged, m.sample);
  m.tests = packet_test::not_duplicate | packet_test::origin_matches | packet_test::authentic;
  const auto pass = [&m](bool passed, std::uint16_t test) {
    if (passed) m.tests = static_cast<std::uint16_t>(m.tests | test);
  };
  pass(m.response_time >= -rounding_error(exchanged.header), packet_test::timestamps);
  if ((m.tests & packet_test::timestamps) != 0) m.response_time = std::max(m.response_time, base::Seconds{0});
  pass(is_synchronised(exchanged), packet_test::synchronised);
  pass(m.sample.root_delay / 2 + m.sample.root_dispersion < longest_root_distance,
       packet_test::root_distance);
  // Back before it left, by more than the clocks can tell: one of the timestamps is wrong.
  const bool possible = m.sample.delay >= -m.sample.dispersion;
  // What both clocks cannot tell from nothing is no short way, and says nothing good of the sample.
  m.sample.delay = std::max(m.sample.delay, context.clock_precision + precision_of(exchanged.header));
  pass(possible && m.sample.delay - m.sample.dispersion <= source.max_delay && is_one_exchange(exchanged, m),
       packet_test::delay_limit);
  pass(within_ratio(m, source, window), packet_test::delay_ratio);
  pass(within_deviation(m, source, window, context.clock_precision), packet_test::delay_deviation);
  m.loop = loop_of(exchanged, context);
  pass(m.loop == Loop::none, packet_test::no_loop);
  return m;
}

}  // namespace gnomon::engine
