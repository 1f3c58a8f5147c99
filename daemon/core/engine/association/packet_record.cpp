// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/packet_record.hpp"

namespace gnomon::engine {

namespace {

MeasurementRecord record_of(const protocol::Header& header, const base::IpAddress& server,
                            base::PollExponent poll) {
  return {.time = {},
          .address = server,
          .leap = header.leap,
          .stratum = header.stratum,
          .poll = poll,
          .remote_poll = header.poll,
          .root_delay = header.root_delay.seconds(),
          .root_dispersion = header.root_dispersion.seconds(),
          .reference_id = header.reference_id,
          .mode = static_cast<std::uint8_t>(header.mode)};
}

}  // namespace

MeasurementRecord record_of(const Exchanged& exchanged, const Measured& measured, base::PollExponent poll) {
  auto record = record_of(exchanged.header, exchanged.server, poll);
  record.root_delay = exchanged.root_delay();
  record.root_dispersion = exchanged.root_dispersion();
  record.time = measured.sample.time;
  record.tests = measured.tests;
  record.offset = measured.sample.offset;
  record.delay = measured.sample.delay;
  record.dispersion = measured.sample.dispersion;
  record.interleaved = exchanged.interleaved;
  record.sent = exchanged.sent.source;
  record.received = exchanged.received.source;
  return record;
}

std::optional<MeasurementRecord> record_of(const Received& event, const ResponseCheck& check,
                                           base::PollExponent poll) {
  if (!check.claimed) return std::nullopt;
  using enum protocol::Mode;
  const auto mode = check.claimed->mode;
  if (mode != server && mode != symmetric_active && mode != symmetric_passive) return std::nullopt;
  auto record = record_of(*check.claimed, event.from.address, poll);
  record.time = event.received.time;
  record.tests = check.tests;
  record.interleaved = check.mode == protocol::AnswerMode::interleaved;
  record.sent = event.sent.source;
  record.received = event.received.source;
  return record;
}

}  // namespace gnomon::engine
