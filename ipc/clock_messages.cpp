// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/clock_messages.hpp"

#include <algorithm>
#include <cmath>

#include "ipc/codec_impl.hpp"

namespace gnomon::ipc {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t tenth = 100'000'000'000;  // 0.1 as a Rate
constexpr base::Duration longest_slew = 100'000s;
constexpr base::Duration longest_error = 16s;

Rate read_rate(FieldReader& in, std::int64_t limit) {
  return {in.signed_64_in(-limit, limit)};
}

// ReadClock: empty
void write_body(base::ByteWriter&, const ReadClock&) {}
ReadClock read_ReadClock(FieldReader&) {
  return {};
}

// Adjust: frequency i64 | slew i64 | duration i64
void write_body(base::ByteWriter& out, const Adjust& m) {
  write_signed(out, m.frequency.per_trillion);
  write_signed(out, m.slew.per_trillion);
  write_signed(out, m.duration.count());
}
Adjust read_Adjust(FieldReader& in) {
  Adjust m;
  m.frequency = read_rate(in, tenth);
  m.slew = read_rate(in, tenth);
  m.duration = in.duration_in(0s, longest_slew);
  return m;
}

// Step: offset i64
void write_body(base::ByteWriter& out, const Step& m) {
  write_signed(out, m.offset.count());
}
Step read_Step(FieldReader& in) {
  return {in.duration()};
}

// SetStatus: leap u8 | rtc_sync u8 | max_error i64 | estimated_error i64 | tai_offset i16
void write_body(base::ByteWriter& out, const SetStatus& m) {
  out.write(static_cast<std::uint8_t>(m.leap));
  write_flag(out, m.rtc_sync);
  write_signed(out, m.max_error.count());
  write_signed(out, m.estimated_error.count());
  write_signed(out, m.tai_offset);
}
SetStatus read_SetStatus(FieldReader& in) {
  SetStatus m;
  m.leap = in.enumerator(base::LeapIndicator::unsynchronised);
  m.rtc_sync = in.flag();
  m.max_error = in.duration_in(0s, longest_error);
  m.estimated_error = in.duration_in(0s, longest_error);
  m.tai_offset = in.signed_16();
  return m;
}

// ClockReading: frequency i64 | tai_offset i16 | synchronised u8 | may_adjust u8
void write_body(base::ByteWriter& out, const ClockReading& m) {
  write_signed(out, m.frequency.per_trillion);
  write_signed(out, m.tai_offset);
  write_flag(out, m.synchronised);
  write_flag(out, m.may_adjust);
}
ClockReading read_ClockReading(FieldReader& in) {
  ClockReading m;
  m.frequency = read_rate(in, 5 * tenth);
  m.tai_offset = in.signed_16();
  m.synchronised = in.flag();
  m.may_adjust = in.flag();
  return m;
}

// Adjusted: at i64 (ns since 1970) | rate i64 | stepped i64
void write_body(base::ByteWriter& out, const Adjusted& m) {
  write_signed(out, std::int64_t{m.at.time_since_epoch().count()});
  write_signed(out, m.rate.per_trillion);
  write_signed(out, m.stepped.count());
}
Adjusted read_Adjusted(FieldReader& in) {
  Adjusted m;
  m.at = base::RealTime{in.duration()};
  m.rate = read_rate(in, 5 * tenth);
  m.stepped = in.duration();
  return m;
}

// ClockRefused: reason u8 | system_error i32
void write_body(base::ByteWriter& out, const ClockRefused& m) {
  out.write(static_cast<std::uint8_t>(m.reason));
  write_signed(out, m.system_error);
}
ClockRefused read_ClockRefused(FieldReader& in) {
  ClockRefused m;
  m.reason = in.enumerator(ClockRefusal::kernel_error);
  m.system_error = in.signed_32();
  return m;
}

}  // namespace

Rate rate_of_ratio(double ratio) {
  const double scaled = std::round(ratio * 1e12);
  const auto limit = static_cast<double>(5 * tenth);
  if (std::isnan(scaled)) return {};
  return {static_cast<std::int64_t>(std::clamp(scaled, -limit, limit))};
}

GNOMON_IPC_CODEC(ReadClock)
GNOMON_IPC_CODEC(Adjust)
GNOMON_IPC_CODEC(Step)
GNOMON_IPC_CODEC(SetStatus)
GNOMON_IPC_CODEC(ClockReading)
GNOMON_IPC_CODEC(Adjusted)
GNOMON_IPC_CODEC(ClockRefused)

}  // namespace gnomon::ipc
