// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/symmetric_exchange.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "daemon/core/engine/values/packet_tests.hpp"
#include "protocol/mac/packet_mac.hpp"

namespace gnomon::engine {

namespace {

constexpr int invalid_stratum = 16;
// Of two pairs of timestamps the one that spans less time is taken, if it is this much less.
constexpr double much_shorter = 0.1;

// The bits that our clock cannot tell are random: nobody can guess a timestamp that he has not seen. Up to 15
// ns, as those of a coarser clock are good to a peer.
base::NtpTimestamp blurred(base::RealTime time, int precision, std::uint64_t random) {
  constexpr int finest = -29;  // some are to be left
  constexpr int coarsest = -26;
  const std::uint64_t below = (std::uint64_t{1} << (32 + std::clamp(precision, finest, coarsest))) - 1;
  return {(base::to_ntp(time).value & ~below) | (random & below)};
}

bool is_later(base::NtpTimestamp a, base::NtpTimestamp b) {
  return (a - b).value > 0;
}

base::Duration distance(base::RealTime a, base::RealTime b) {
  return a > b ? a - b : b - a;
}

}  // namespace

base::Buffer SymmetricExchange::next_packet(const PeerPacketPlan& plan, base::RealTime now,
                                            const StepEntropy& entropy) {
  interleaves_ = plan.interleaved;
  key_ = plan.key;
  wished_ = plan.version == 4 ? plan.wished : protocol::Extensions{};
  // Interleaved only if each of us has sent just one packet since: else the peer could take the transmit
  // timestamp for that of another packet.
  const bool interleaved =
      interleaves_ && sent_before_answer_ == 1 && sent_since_answer_ == 0 && heard_ && left_;
  const Heard* const last = to_answer();
  if (!answered_ && first_heard_ && heard_) heard_->synchronised = false;  // the protocol begins again
  protocol::Header header = plan.clock.header;
  header.version = plan.version;
  header.mode = protocol::Mode::symmetric_active;
  header.poll = plan.poll.value;
  std::uint64_t random = transmit_of(entropy).value;
  if (last != nullptr) {
    header.origin = interleaved ? last->header.receive : last->header.transmit;
    do header.receive = blurred(plan.clock.corrected(last->received.time), header.precision, random++);
    while (header.receive == header.origin || header.receive == sent_.receive);
  }
  random = receive_of(entropy).value;
  const base::RealTime transmit = plan.clock.corrected(interleaved ? left_->at.time : now);
  do header.transmit = blurred(transmit, header.precision, random++);
  while (header.transmit == header.origin || header.transmit == header.receive ||
         header.transmit == sent_.transmit);

  sent_ = {header.receive, header.transmit};
  answered_ = first_heard_anew_ = false;
  ++sent_since_answer_;
  const auto extensions = own_extensions(plan, last);
  const auto size = protocol::header_size + protocol::size_of(extensions);
  base::Buffer packet(size + (key_ ? protocol::max_mac_size : 0));
  base::ByteWriter writer{packet};
  protocol::write_header(header, writer);
  protocol::write_extensions(extensions, writer);
  if (key_) packet.resize(protocol::append_mac(*key_, plan.version, size, packet));
  return packet;
}

// Of the packet that ours answers: when it came, on the scale without corrections, and what held it up.
protocol::Extensions SymmetricExchange::own_extensions(const PeerPacketPlan& plan,
                                                       const Heard* answered) const {
  protocol::Extensions own = wished_;
  if (own.monotonic) {
    own.monotonic = plan.clock.monotonic;
    if (answered != nullptr)
      own.monotonic->receive =
          base::to_ntp(plan.clock.corrected(answered->received.time) + plan.clock.uncorrected);
  }
  if (own.correction && answered != nullptr && answered->received.held > base::Seconds{0})
    own.correction = answered->received.held + answered->received.on_wire;
  return own;
}

const SymmetricExchange::Heard* SymmetricExchange::to_answer() const {
  if (!answered_ && first_heard_) return &*first_heard_;
  return heard_ ? &*heard_ : nullptr;
}

bool SymmetricExchange::is_authentic(const protocol::Packet& packet, base::Bytes datagram) const {
  // A crypto-NAK is a MAC of nobody's.
  return key_ ? protocol::is_mac_of(*key_, packet, datagram) : packet.trailer == protocol::TrailerKind::none;
}

std::uint16_t SymmetricExchange::judge(const protocol::Header& header, bool authentic,
                                       protocol::AnswerMode& mode) const {
  std::uint16_t tests = content_tests(header, authentic);
  const auto pass = [&tests](bool passed, std::uint16_t test) {
    if (passed) tests = static_cast<std::uint16_t>(tests | test);
  };
  const bool basic = header.origin == sent_.transmit;
  const bool interleaved = !basic && interleaves_ && header.origin == sent_.receive;
  mode = interleaved ? protocol::AnswerMode::interleaved : protocol::AnswerMode::basic;
  pass(!heard_ || header.receive != heard_->header.receive || header.transmit != heard_->header.transmit,
       packet_test::not_duplicate);
  pass(!header.origin.is_zero() && (basic || interleaved), packet_test::origin_matches);
  return tests;
}

PeerReception SymmetricExchange::receive(const Received& event, base::PollExponent poll) {
  PeerReception reception;
  const auto packet = protocol::parse(event.datagram);
  if (!packet) return reception;
  const protocol::Header& header = packet->header;
  const bool of_a_peer =
      header.mode == protocol::Mode::symmetric_active || header.mode == protocol::Mode::symmetric_passive;
  if (!of_a_peer || header.version < 1 || header.version > 4) return reception;
  // Elsewhere anybody can send our packets back.
  reception.echo =
      !header.transmit.is_zero() && header.transmit == sent_.transmit && event.from.address == event.local;
  if (reception.echo) return reception;
  auto& check = reception.check;
  const bool authentic = is_authentic(*packet, event.datagram);
  check.header = header;
  check.claimed = header;
  check.tests = judge(header, authentic, check.mode);
  check.authenticated = authentic && key_;
  check.extensions = protocol::only(protocol::read_extensions(packet->fields()), wished_);
  const bool valid = (check.tests & packet_test::valid) == packet_test::valid;
  const bool first = valid && !answered_;
  if (first) {
    check.disposition = Disposition::answer;
    reception.exchanged = exchanged(check, event);
  }
  remember(check, event);
  if (!first) {
    if (valid) check.tests = static_cast<std::uint16_t>(check.tests & ~packet_test::origin_matches);
    return reception;
  }
  answered_ = true;
  interleaved_answer_ = check.mode == protocol::AnswerMode::interleaved;
  remote_poll_ = base::PollExponent{header.poll};
  remote_stratum_ = base::Stratum{header.stratum}.usable() ? header.stratum : invalid_stratum;
  poll_before_ = poll;
  sent_before_answer_ = std::exchange(sent_since_answer_, 0);
  return reception;
}

// Replayed packets change nothing: a valid one has to answer our last packet, and of several the latest
// counts. Where the protocol has to begin, at the start or when packets were lost, the peer's last packet is
// answered whatever it answers itself.
void SymmetricExchange::remember(const ResponseCheck& check, const Received& event) {
  const protocol::Header& header = check.header;
  const auto has = [&check](std::uint16_t test) { return (check.tests & test) == test; };
  const bool synchronised = has(packet_test::fit);
  if (has(packet_test::valid)) {
    if (answered_ && heard_ && !is_later(header.transmit, heard_->header.transmit)) return;
    heard_ = Heard{header, event.received, synchronised, check.extensions};
    left_ = Left{event.sent, check.extensions.correction};
    first_heard_.reset();
    first_heard_anew_ = false;
    return;
  }
  if (!has(packet_test::not_duplicate | packet_test::authentic) || header.transmit.is_zero()) return;
  if (first_heard_anew_ && first_heard_ && !is_later(header.transmit, first_heard_->header.transmit)) return;
  first_heard_ = Heard{header, event.received, false, check.extensions};
  first_heard_anew_ = true;
}

Exchanged SymmetricExchange::exchanged(const ResponseCheck& check, const Received& event) const {
  Exchanged exchanged{.header = check.header,
                      .sent = event.sent,
                      .received = event.received,
                      .local = event.local,
                      .server = event.from.address,
                      .ours = event.ours,
                      .authenticated = key_ != nullptr,
                      .symmetric = true,
                      .extensions = check.extensions};
  if (check.mode == protocol::AnswerMode::interleaved) interleave(exchanged, event);
  return exchanged;
}

// The packet tells when the one before it left (RFC 9769 section 3), and that one arrived at
// heard_->received. What it is compared with: our packet that it answered, or the one that we sent after it.
void SymmetricExchange::interleave(Exchanged& exchanged, const Received& event) const {
  exchanged.interleaved = true;
  if (!heard_ || !heard_->synchronised) {
    exchanged.missed = true;
    return;
  }
  auto& header = exchanged.header;
  const protocol::Header received = header;
  const auto after = distance(event.sent.time, heard_->received.time);
  if (left_before_ && base::to_seconds(distance(heard_->received.time, left_before_->at.time)) <
                          base::to_seconds(after) * much_shorter) {
    take_earlier_request(exchanged);
  } else {
    header.root_delay.value = std::max(header.root_delay.value, heard_->header.root_delay.value);
    header.root_dispersion.value =
        std::max(header.root_dispersion.value, heard_->header.root_dispersion.value);
  }
  exchanged.received = heard_->received;
  exchanged.missed = may_have_missed(exchanged, received);
}

// The peer's clock may have been corrected since it received that: its transmit timestamp counts that in.
void SymmetricExchange::take_earlier_request(Exchanged& exchanged) const {
  auto& header = exchanged.header;
  const auto moved = moved_between({heard_->header.receive, heard_->extensions.monotonic},
                                   {header.receive, exchanged.extensions.monotonic});
  header.receive = heard_->header.receive + moved.value_or(base::Seconds{0});
  header.root_delay = heard_->header.root_delay;
  header.root_dispersion = heard_->header.root_dispersion;
  exchanged.extensions = heard_->extensions;
  exchanged.extensions.correction = left_before_->correction;
  exchanged.sent = left_before_->at;
}

// A packet lost on the way makes the transmit timestamp that of another packet than we think.
bool SymmetricExchange::may_have_missed(const Exchanged& e, const protocol::Header& header) const {
  const base::PollExponent remote = remote_poll_.value_or(poll_before_);
  const base::Seconds interval = base::to_seconds(std::min(remote, poll_before_).interval());
  const base::Duration out = base::from_ntp(e.header.receive, e.sent.time) - e.sent.time;
  const base::Duration back = base::from_ntp(e.header.transmit, e.received.time) - e.received.time;
  const base::Seconds delay{std::fabs(base::to_seconds(out - back).count())};
  return delay > 0.5 * interval || !is_later(header.receive, header.transmit) ||
         (remote <= poll_before_ && (header.transmit - heard_->header.transmit).seconds() > 1.5 * interval);
}

// Timestamps of a sample in basic mode are not used again when interleaved mode begins.
void SymmetricExchange::measured(bool good) {
  left_before_ = interleaved_answer_ || !good ? left_ : std::nullopt;
}

void SymmetricExchange::restart() {
  sent_ = {};
  left_.reset();
  left_before_.reset();
  heard_.reset();
  first_heard_.reset();
  answered_ = first_heard_anew_ = false;
  sent_since_answer_ = sent_before_answer_ = 0;
}

}  // namespace gnomon::engine
