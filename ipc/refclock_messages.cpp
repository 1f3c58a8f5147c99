// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/refclock_messages.hpp"

#include "ipc/codec_impl.hpp"

namespace gnomon::ipc {

namespace {

using namespace std::chrono_literals;

constexpr base::Duration longest = base::Duration::max() / 2;  // such can be added to a time

// RefclockPoll: index u8 | polled u8 | at i64 | count u8 | count x (kind u8 | time i64 | offset i64 |
// dispersion i64 | leap u8)
void write_poll(base::ByteWriter& out, const RefclockPoll& poll) {
  out.write(poll.index);
  write_flag(out, poll.polled);
  write_signed(out, std::int64_t{poll.at.time_since_epoch().count()});
  out.write(static_cast<std::uint8_t>(poll.readings.size()));
  for (const auto& reading : poll.readings) {
    out.write(static_cast<std::uint8_t>(reading.kind));
    write_signed(out, std::int64_t{reading.time.time_since_epoch().count()});
    write_signed(out, std::int64_t{reading.offset.count()});
    write_signed(out, std::int64_t{reading.dispersion.count()});
    out.write(static_cast<std::uint8_t>(reading.leap));
  }
}
RefclockReading read_reading(FieldReader& in) {
  RefclockReading reading;
  reading.kind = in.enumerator(RefclockKind::pulse);
  reading.time = base::RealTime{in.duration_in(0s, longest)};
  reading.offset = in.duration_in(-longest, longest);
  reading.dispersion = in.duration_in(0s, 16s);
  reading.leap = in.enumerator(base::LeapIndicator::unsynchronised);
  return reading;
}
RefclockPoll read_poll(FieldReader& in, std::uint8_t most_readings) {
  RefclockPoll poll;
  poll.index = in.number_in<std::uint8_t>(0, most_refclocks - 1);
  poll.polled = in.flag();
  poll.at = base::MonoTime{in.duration_in(0s, longest)};
  const auto count = in.number_in<std::uint8_t>(0, most_readings);
  for (std::uint8_t i = 0; i < count && !in.failed(); ++i) poll.readings.push_back(read_reading(in));
  return poll;
}

// RefclockReadings: count u8 | count x RefclockPoll
void write_body(base::ByteWriter& out, const RefclockReadings& m) {
  out.write(static_cast<std::uint8_t>(m.polls.size()));
  for (const auto& poll : m.polls) write_poll(out, poll);
}
RefclockReadings read_RefclockReadings(FieldReader& in) {
  RefclockReadings m;
  std::uint8_t readings_left = most_refclock_readings;
  const auto count = in.number_in<std::uint8_t>(0, most_refclock_polls);
  for (std::uint8_t i = 0; i < count && !in.failed(); ++i) {
    m.polls.push_back(read_poll(in, readings_left));
    readings_left = static_cast<std::uint8_t>(readings_left - m.polls.back().readings.size());
  }
  return m;
}

}  // namespace

GNOMON_IPC_CODEC(RefclockReadings)

}  // namespace gnomon::ipc
