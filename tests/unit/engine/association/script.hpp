// SPDX-License-Identifier: GPL-2.0-or-later
// Plays events into an association in virtual time, and answers its requests as servers would.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

#include "daemon/core/engine/association/association.hpp"
#include "protocol/ntp/packet.hpp"
#include "protocol/nts/cookie.hpp"

namespace gnomon::testing {

using namespace std::chrono_literals;

inline base::IpAddress address(std::string_view text) {
  return *base::parse_address(text);
}

inline engine::StepEntropy entropy_of(std::uint32_t& seed) {
  engine::StepEntropy entropy{};
  for (auto& octet : entropy)
    octet = static_cast<std::uint8_t>(seed = seed * 1103515245U + 12345U, seed >> 16U);
  return entropy;
}

// For a part of an association that is played by itself: a turn of source 7.
inline engine::Turn turn_at(base::MonoTime mono, std::uint32_t seed = 1) {
  return {
      base::SourceId{7}, {base::RealTime{1'800'000'000s} + mono.time_since_epoch(), mono}, entropy_of(seed)};
}

struct Script {
  explicit Script(const config::Source& source, const engine::EngineContext& context = {},
                  const base::IpAddress& known = {})
      : association(base::SourceId{7}, source, known, context) {}

  engine::Step play(const engine::Event& event) {
    step = association.resume(event, now, entropy_of(seed));
    return std::move(step);
  }
  engine::Action act(const engine::Event& event) { return play(event).action; }
  void pass(base::Duration time) {
    now.real += time;
    now.mono += time;
  }
  // Lets the time of a Wait pass.
  engine::Step wake(const engine::Action& action) {
    pass(std::get<engine::Wait>(action).until - now.mono);
    return play(engine::Woken{});
  }
  base::Duration wait_of(const engine::Action& action) const {
    return std::get<engine::Wait>(action).until - now.mono;
  }
  engine::Received reply(base::Bytes datagram, const engine::Exchange& exchange,
                         base::Duration round_trip = 10ms) {
    engine::Received event;
    event.datagram = datagram;
    event.from = exchange.to;
    event.local = address("192.0.2.200");
    event.sent = {now.real, engine::StampSource::kernel};
    pass(round_trip);
    event.received = {now.real, engine::StampSource::kernel};
    return event;
  }
  engine::AssociationReport report() const { return association.report(now); }

  engine::Association association;
  base::Now now{base::RealTime{1'800'000'000s}, base::MonoTime{5000s}};
  std::uint32_t seed = 1;
  engine::Step step;
};

template <class Subject>
bool has_note(const engine::Step& step) {
  return std::any_of(step.notes.begin(), step.notes.end(), engine::is_about<Subject>);
}

// A good server answer whose clock is ahead of ours by `ahead`, halfway through a round trip of 10 ms.
inline protocol::Header good_answer(base::Bytes request, base::RealTime sent, base::Duration ahead = 0ns) {
  protocol::Header h = *protocol::parse_header(request);
  h.mode = protocol::Mode::server;
  h.stratum = 2;
  h.precision = -20;
  h.root_delay = base::short_duration(base::Seconds{0.01});
  h.root_dispersion = base::short_duration(base::Seconds{0.002});
  h.reference_id = {0x0a000001};
  h.origin = h.transmit;
  h.receive = h.transmit = base::to_ntp(sent + 5ms + ahead);
  h.reference = base::to_ntp(sent - 10s);
  return h;
}

inline base::Buffer octets_of(const protocol::Header& header) {
  base::Buffer octets(protocol::header_size);
  base::ByteWriter writer(octets);
  protocol::write_header(header, writer);
  return octets;
}

inline config::Source plain_source() {
  config::Source source;
  source.name = "192.0.2.1";
  return source;
}

inline engine::Step answer(Script& script, const engine::Action& action, base::Duration ahead = 0ns) {
  const auto& exchange = std::get<engine::Exchange>(action);
  const auto datagram = octets_of(good_answer(exchange.request, script.now.real, ahead));
  return script.play(script.reply(datagram, exchange));
}

}  // namespace gnomon::testing
