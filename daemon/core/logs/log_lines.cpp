// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/logs/log_lines.hpp"

#include <fmt/format.h>

#include "base/utc_text.hpp"
#include "daemon/core/engine/text/messages.hpp"
#include "daemon/core/engine/values/reference_id.hpp"
#include "daemon/core/engine/values/source_number.hpp"

namespace gnomon::core {

namespace {

// 2026-11-23 02:52:05
std::string date_and_time(base::RealTime time) {
  auto text = base::utc_seconds(time);
  text.resize(19);
  return text;
}

char letter_of(base::LeapIndicator leap) {
  constexpr std::string_view letters = "N+-?";
  return letters[static_cast<std::size_t>(leap) % letters.size()];
}

char letter_of(engine::StampSource source) {
  constexpr std::string_view letters = "DKH";
  return letters[static_cast<std::size_t>(source) % letters.size()];
}

// "111 111 1111"
std::string digits_of(std::uint16_t tests) {
  auto digits = fmt::format("{:010b}", tests & engine::packet_test::all);
  digits.insert(6, 1, ' ');
  digits.insert(3, 1, ' ');
  return digits;
}

// A source that is not resolved yet has no other name in reports either.
std::string called(const engine::SelectionRecord& r) {
  if (r.reference_id != base::ReferenceId{}) return engine::text_of(r.reference_id);
  return r.address.is_specified() ? base::to_string(r.address) : engine::number_of(r.source);
}

std::string reference_of(const engine::TrackingRecord& r) {
  if (r.address.is_specified()) return base::to_string(r.address);
  auto letters = engine::text_of(r.reference_id);
  return letters.empty() ? fmt::format("{:08X}", r.reference_id.value) : letters;
}

std::string called(const engine::StatisticsRecord& r) {
  return r.address.is_specified() ? base::to_string(r.address) : engine::text_of(r.reference_id);
}

// 2026-11-23 02:52:05.123456
std::string precise_time(base::RealTime time) {
  const auto since = time.time_since_epoch();
  const auto whole = std::chrono::floor<std::chrono::seconds>(since);
  return fmt::format("{}.{:06}", date_and_time(time), (since - whole) / std::chrono::microseconds{1});
}

std::string letters_of(const engine::SelectOptions& o) {
  return fmt::format("-{}{}{}{}", o.no_select ? 'N' : '-', o.prefer ? 'P' : '-', o.trust ? 'T' : '-',
                     o.require ? 'R' : '-');
}

}  // namespace

std::string_view heading_of(ipc::FileKind log) {
  using enum ipc::FileKind;
  switch (log) {
    case measurements_log:
      return "   Date (UTC) Time     IP Address   L St 123 567 ABCD  LP RP Score    Offset  Peer del. Peer "
             "disp.  "
             "Root del. Root disp. Refid     MTxRx";
    case statistics_log:
      return "   Date (UTC) Time     IP Address    Std dev'n Est offset  Offset sd  Diff freq   Est skew  "
             "Stress  "
             "Ns  Bs  Nr  Asym";
    case tracking_log:
      return "   Date (UTC) Time     IP Address   St   Freq ppm   Skew ppm     Offset L Co  Offset sd Rem. "
             "corr. "
             "Root delay Root disp. Max. error";
    case selection_log:
      return "   Date (UTC) Time     IP Address   S EOpts Reach Score Last sample  Low end   High end";
    case tempcomp_log:
      return "   Date (UTC) Time        Temp.       Comp.";
    case refclocks_log:
      return "   Date (UTC) Time         Refid  DP L P  Raw offset   Cooked offset      Disp.";
    case rtc_log:
      return "   Date (UTC) Time   RTC fast (s) Val   Est fast (s)   Slope (ppm)  Ns  Nr Meas";
    case sensor:
    case temperature_points:
      break;
  }
  return {};
}

// The score is chrony's way to a poll interval, and ours is another.
std::string line_of(const engine::MeasurementRecord& r) {
  constexpr double no_score = 0;
  return fmt::format(
      "{} {:<15} {} {:2} {}  {:2} {:2} {:4.2f} {:10.3e} {:10.3e} {:10.3e} {:10.3e} {:10.3e} {:08X} {}{} {} "
      "{}",
      date_and_time(r.time), base::to_string(r.address), letter_of(r.leap), r.stratum, digits_of(r.tests),
      r.poll.value, r.remote_poll, no_score, r.offset.count(), r.delay.count(), r.dispersion.count(),
      r.root_delay.count(), r.root_dispersion.count(), r.reference_id.value, r.mode,
      r.interleaved ? 'I' : 'B', letter_of(r.sent), letter_of(r.received));
}

std::string line_of(const engine::StatisticsRecord& r) {
  return fmt::format("{} {:<15} {:10.3e} {:10.3e} {:10.3e} {:10.3e} {:10.3e} {:7.1e} {:3} {:3} {:3} {:5.2f}",
                     date_and_time(r.time), called(r), r.deviation.count(), r.offset.count(),
                     r.offset_deviation.count(), r.frequency, r.skew, r.stress, r.samples, r.dropped, r.runs,
                     r.asymmetry);
}

std::string line_of(const engine::TrackingRecord& r) {
  return fmt::format(
      "{} {:<15} {:2} {:10.3f} {:10.3f} {:10.3e} {} {:2} {:10.3e} {:10.3e} {:10.3e} {:10.3e} {:10.3e}",
      date_and_time(r.time), reference_of(r), r.stratum, r.frequency.value, r.skew.value, r.offset.count(),
      letter_of(r.leap), r.combined, r.offset_deviation.count(), r.remaining.count(), r.root_delay.count(),
      r.root_dispersion.count(), r.max_error.count());
}

std::string line_of(const engine::SelectionRecord& r) {
  return fmt::format("{} {:<15} {} {} {:4o} {:5.2f} {:10.3e} {:10.3e} {:10.3e}", date_and_time(r.time),
                     called(r), engine::letter_of(r.reason), letters_of(r.options), r.reach, r.score,
                     r.last_sample.count(), r.low.count(), r.high.count());
}

std::string line_of(const engine::TemperatureRecord& r) {
  return fmt::format("{} {:11.4e} {:11.4e}", date_and_time(r.time), r.temperature, r.compensation.value);
}

std::string line_of(const engine::RefclockRecord& r) {
  if (r.filtered)
    return fmt::format("{} {:<5}   - {} -       -       {:13.6e} {:10.3e}", precise_time(r.time),
                       engine::text_of(r.reference_id), letter_of(r.leap), r.offset.count(),
                       r.dispersion.count());
  return fmt::format("{} {:<5} {:3} {} {} {:13.6e} {:13.6e} {:10.3e}", precise_time(r.time),
                     engine::text_of(r.reference_id), r.polls, letter_of(r.leap), r.pulse ? 1 : 0,
                     r.raw_offset.count(), r.offset.count(), r.dispersion.count());
}

std::string line_of(const engine::RtcRecord& r) {
  return fmt::format("{} {:14.6f} {:1}  {:14.6f}  {:12.3f}  {:2}  {:2} {:4.0f}", date_and_time(r.time),
                     r.fast.count(), r.known ? 1 : 0, r.estimated_fast.count(), r.gain.value, r.samples,
                     r.runs, r.pause.count());
}

}  // namespace gnomon::core
