// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/refclock_messages.hpp"

#include "ipc/codec_impl.hpp"

namespace gnomon::ipc {

namespace {

using namespace std::chrono_literals;

constexpr base::Duration longest = base::Duration::max() / 2;  // such can be added to a time

// RefclockReadings: index u8 | polled u8 | count u8 | count x (kind u8 | time i64 | offset i64 | dispersion
// i64 | leap u8)
void write_body(base::ByteWriter& out, const RefclockReadings& m) {
  out.write(m.index);
  write_flag(out, m.polled);
  out.write(static_cast<std::uint8_t>(m.readings.size()));
  for (const auto& reading : m.readings) {
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
RefclockReadings read_RefclockReadings(FieldReader& in) {
  RefclockReadings m;
  m.index = in.number_in<std::uint8_t>(0, most_refclocks - 1);
  m.polled = in.flag();
  const auto count = in.number_in<std::uint8_t>(0, most_refclock_readings);
  for (std::uint8_t i = 0; i < count && !in.failed(); ++i) m.readings.push_back(read_reading(in));
  return m;
}

}  // namespace

GNOMON_IPC_CODEC(RefclockReadings)

}  // namespace gnomon::ipc
