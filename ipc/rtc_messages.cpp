// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/rtc_messages.hpp"

#include "ipc/codec_impl.hpp"

namespace gnomon::ipc {

namespace {

constexpr std::uint8_t most_ticks = 64;
constexpr std::int64_t latest_reading = 9'000'000'000;  // year 2255

// ReadRtc: ticks u8
void write_body(base::ByteWriter& out, const ReadRtc& m) {
  out.write(m.ticks);
}
ReadRtc read_ReadRtc(FieldReader& in) {
  return {in.number_in<std::uint8_t>(1, most_ticks)};
}

// SetRtc: empty
void write_body(base::ByteWriter&, const SetRtc&) {}
SetRtc read_SetRtc(FieldReader&) {
  return {};
}

// RtcAnswer: outcome u8 | system_error i32 | reading i64 | at i64 (ns since 1970)
void write_body(base::ByteWriter& out, const RtcAnswer& m) {
  out.write(static_cast<std::uint8_t>(m.outcome));
  write_signed(out, m.system_error);
  write_signed(out, m.reading);
  write_signed(out, std::int64_t{m.at.time_since_epoch().count()});
}
RtcAnswer read_RtcAnswer(FieldReader& in) {
  RtcAnswer m;
  m.outcome = in.enumerator(RtcOutcome::failed);
  m.system_error = in.signed_32();
  m.reading = in.signed_64_in(0, latest_reading);
  m.at = base::RealTime{in.duration()};
  return m;
}

// RtcTick: reading i64 | at i64 (ns since 1970) | system_error i32
void write_body(base::ByteWriter& out, const RtcTick& m) {
  write_signed(out, m.reading);
  write_signed(out, std::int64_t{m.at.time_since_epoch().count()});
  write_signed(out, m.system_error);
}
RtcTick read_RtcTick(FieldReader& in) {
  RtcTick m;
  m.reading = in.signed_64_in(0, latest_reading);
  m.at = base::RealTime{in.duration()};
  m.system_error = in.signed_32();
  return m;
}

}  // namespace

GNOMON_IPC_CODEC(ReadRtc)
GNOMON_IPC_CODEC(SetRtc)
GNOMON_IPC_CODEC(RtcAnswer)
GNOMON_IPC_CODEC(RtcTick)

}  // namespace gnomon::ipc
