// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/dump_file.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <optional>

#include "base/number.hpp"

namespace gnomon::engine {

namespace {

constexpr std::string_view identifier = "SRC0";
constexpr std::size_t most_dumped = 64;
constexpr double largest_field = 1e6;                  // s, of any field but the time
constexpr std::int64_t latest_sample = 9'000'000'000;  // s, within what nanoseconds since 1970 can hold
constexpr std::size_t most_digits = 9;

std::string_view take_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const auto end = std::min(line.find(' '), line.size());
  const auto word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

// seconds.nanoseconds: as a floating-point number it would lose the nanoseconds.
std::optional<base::RealTime> time_of(std::string_view word) {
  const auto point = word.find('.');
  if (point == std::string_view::npos || word.size() - point - 1 != most_digits) return std::nullopt;
  const auto seconds = base::parse_number<std::int64_t>(word.substr(0, point));
  const auto nanoseconds = base::parse_number<std::uint32_t>(word.substr(point + 1));
  if (!seconds || !nanoseconds || *seconds < 0 || *seconds > latest_sample) return std::nullopt;
  return base::RealTime{std::chrono::seconds{*seconds} + std::chrono::nanoseconds{*nanoseconds}};
}

std::string text_of(base::RealTime time) {
  const auto since = time.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  return fmt::format("{}.{:09}", seconds.count(), (since - seconds).count());
}

std::optional<DumpedSample> sample_of(std::string_view line) {
  const auto time = time_of(next_word(line));
  if (!time) return std::nullopt;
  DumpedSample sample{.time = *time};
  for (auto* const field : {&sample.offset, &sample.measured, &sample.delay, &sample.dispersion,
                            &sample.root_delay, &sample.root_dispersion}) {
    const auto value = base::parse_number<double>(next_word(line));
    if (!value || !(std::fabs(*value) <= largest_field)) return std::nullopt;
    *field = base::Seconds{*value};
  }
  const base::Seconds zero{0};
  if (sample.delay <= zero || sample.dispersion < zero || sample.root_delay < zero ||
      sample.root_dispersion < zero)
    return std::nullopt;
  return sample;
}

bool read_state(std::string_view line, Dump& dump) {
  const auto authenticated = base::parse_number<int>(next_word(line));
  const auto reach = base::parse_number<unsigned>(next_word(line), {}, 8);
  const auto polls = base::parse_number<int>(next_word(line));
  const auto stratum = base::parse_number<unsigned>(next_word(line));
  const auto leap = base::parse_number<unsigned>(next_word(line));
  if (!authenticated || !reach || !polls || !stratum || !leap) return false;
  if (*reach > 0xff || *stratum > 16 || *leap > 3) return false;
  dump.authenticated = *authenticated != 0;
  dump.reach = static_cast<std::uint8_t>(*reach);
  dump.stratum = static_cast<std::uint8_t>(*stratum);
  dump.leap = static_cast<base::LeapIndicator>(*leap);
  return true;
}

}  // namespace

std::string_view to_text(DumpFault fault) {
  switch (fault) {
    case DumpFault::not_a_dump:
      return "it is not a dump of samples";
    case DumpFault::bad_value:
      return "a value in it is missing or impossible";
    case DumpFault::out_of_order:
      return "its samples are not in chronological order";
    case DumpFault::other_source:
      return "it was written for a source with another name";
    case DumpFault::other_trust:
      return "the source was authenticated then and is not now, or vice versa";
    case DumpFault::in_the_future:
      return "it is from the future: the clock has been set back since";
    case DumpFault::too_old:
      return "it is from before the machine was booted, and how the clock drifted since is not known";
  }
  return "it is not usable";
}

std::string to_text(const Dump& dump) {
  std::string text =
      fmt::format("{}\n{}\n{:d} {:o} 8 {} {}\n{} 0\n", identifier, dump.name, dump.authenticated, dump.reach,
                  dump.stratum, static_cast<unsigned>(dump.leap), dump.samples.size());
  for (const auto& s : dump.samples)
    text += fmt::format("{} {:.6e} {:.6e} {:.6e} {:.6e} {:.6e} {:.6e}\n", text_of(s.time), s.offset.count(),
                        s.measured.count(), s.delay.count(), s.dispersion.count(), s.root_delay.count(),
                        s.root_dispersion.count());
  return text;
}

std::expected<Dump, DumpFault> parse_dump(std::string_view text) {
  if (take_line(text) != identifier) return std::unexpected(DumpFault::not_a_dump);
  Dump dump;
  dump.name = take_line(text);
  if (dump.name.empty() || !read_state(take_line(text), dump)) return std::unexpected(DumpFault::bad_value);
  auto counts = take_line(text);
  const auto count = base::parse_number<std::size_t>(next_word(counts));
  if (!count || *count == 0 || *count > most_dumped) return std::unexpected(DumpFault::bad_value);
  for (std::size_t i = 0; i < *count; ++i) {
    const auto sample = sample_of(take_line(text));
    if (!sample) return std::unexpected(DumpFault::bad_value);
    if (i > 0 && sample->time <= dump.samples.back().time) return std::unexpected(DumpFault::out_of_order);
    dump.samples.push_back(*sample);
  }
  return dump;
}

std::expected<void, DumpFault> fits(const Dump& dump, std::string_view name, bool authenticated,
                                    const base::Now& now) {
  if (dump.name != name) return std::unexpected(DumpFault::other_source);
  if (dump.authenticated != authenticated) return std::unexpected(DumpFault::other_trust);
  const auto newest = dump.samples.back().time;
  if (newest >= now.real) return std::unexpected(DumpFault::in_the_future);
  // Monotonic time begins with the machine, and stands still while it sleeps.
  if (newest < now.real - now.mono.time_since_epoch()) return std::unexpected(DumpFault::too_old);
  return {};
}

}  // namespace gnomon::engine
