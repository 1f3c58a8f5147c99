// SPDX-License-Identifier: GPL-2.0-or-later
// From the four timestamps of one exchange to a sample, and the tests it must pass (RFC 5905 sections 8 and
// 13, A.5). Stateless.
#pragma once

#include <cstdint>

#include "base/address.hpp"
#include "base/time.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/association/delay_window.hpp"
#include "daemon/core/engine/association/engine_context.hpp"
#include "daemon/core/engine/values/packet_tests.hpp"
#include "daemon/core/engine/values/reports.hpp"
#include "daemon/core/engine/values/sample.hpp"
#include "protocol/ntp/extensions.hpp"
#include "protocol/ntp/packet.hpp"

namespace gnomon::engine {

struct Exchanged {  // one request and its answer
  protocol::Header header;
  Stamp sent;
  Stamp received;
  base::IpAddress local;
  base::IpAddress server;
  bool ours = false;  // our own server answered
  bool authenticated = false;
  bool interleaved =
      false;  // the transmit timestamp came with the next answer, as did the rest of the header
  // With a peer: each sends when its own poll is due, so that the times may be a poll interval apart, and in
  // interleaved mode in any order.
  bool symmetric = false;
  bool missed = false;                // the timestamps may be those of two different exchanges
  protocol::Extensions extensions{};  // those that were asked for
  [[nodiscard]] base::Seconds root_delay() const {
    return extensions.monotonic ? extensions.monotonic->root_delay : header.root_delay.seconds();
  }
  [[nodiscard]] base::Seconds root_dispersion() const {
    return extensions.monotonic ? extensions.monotonic->root_dispersion : header.root_dispersion.seconds();
  }
};

// Its timestamps, as if the server's clock had been set on by that much before.
void move_remote(Exchanged& exchanged, base::Seconds by);

struct Measured {
  Sample sample;
  base::Seconds response_time{};  // T3 - T2; not negative in what passes the test of timestamps
  std::uint16_t tests = 0;
  Loop loop = Loop::none;
};

[[nodiscard]] Measured measure(const Exchanged& exchanged, const config::Source& source,
                               const EngineContext& context, const DelayWindow& window, base::MonoTime now);

}  // namespace gnomon::engine
