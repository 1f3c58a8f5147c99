// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/leap/tzif.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

namespace gnomon::engine {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t reserved = 15;
constexpr std::int64_t latest_second = std::int64_t{1} << 33U;  // s; no time of a table is farther from 1970
constexpr base::RealTime first_entry{63'072'000s};              // 1972-01-01, TAI - UTC = 10 s
constexpr base::RealTime oldest_expiry = first_entry;

// RFC 9636 section 3.1: "TZif" | version u8 | 15 reserved | isutcnt u32 | isstdcnt | leapcnt | timecnt |
// typecnt | charcnt
struct Header {
  std::uint8_t version = 0;
  std::array<std::uint32_t, 6> counts{};

  // Octets of the block behind it; times, and leap seconds' times, are of `time_size` octets.
  [[nodiscard]] std::uint64_t before_leaps(std::uint64_t time_size) const {
    return counts[3] * (time_size + 1) + counts[4] * std::uint64_t{6} + counts[5];
  }
  [[nodiscard]] std::uint64_t size(std::uint64_t time_size) const {
    return before_leaps(time_size) + leaps() * (time_size + 4) + counts[1] + counts[0];
  }
  [[nodiscard]] std::uint64_t leaps() const { return counts[2]; }
};

std::optional<Header> read_header(base::ByteReader& in) {
  const auto magic = in.take(4);
  if (!magic || !std::ranges::equal(*magic, base::as_bytes("TZif"))) return std::nullopt;
  Header header;
  header.version = in.read<std::uint8_t>().value_or(0);
  if (!in.take(reserved)) return std::nullopt;
  for (auto& count : header.counts) {
    const auto value = in.read<std::uint32_t>();
    if (!value) return std::nullopt;
    count = *value;
  }
  return header;
}

bool skip(base::ByteReader& in, std::uint64_t octets) {
  return octets <= in.remaining() && in.take(static_cast<std::size_t>(octets)).has_value();
}

struct Correction {
  std::int64_t occurs = 0;  // in seconds that count the leap seconds before it
  std::int32_t total = 0;   // all leap seconds up to it
};

std::optional<Correction> read_correction(base::ByteReader& in) {
  const auto occurs = in.read<std::uint64_t>();
  const auto total = in.read<std::uint32_t>();
  if (!occurs || !total) return std::nullopt;
  const Correction c{static_cast<std::int64_t>(*occurs), static_cast<std::int32_t>(*total)};
  if (c.occurs < 0 || c.occurs > latest_second || c.total < 0 || c.total > greatest_tai_offset)
    return std::nullopt;
  return c;
}

// A last record that changes nothing says when the table expires (version 4).
bool take(LeapTable& table, const Correction& c, bool last) {
  const int before = table.entries.back().tai_offset - least_tai_offset;
  const base::RealTime utc{std::chrono::seconds{c.occurs - before}};
  if (c.total == before && last && utc > oldest_expiry) {
    table.expires = utc;
    return true;
  }
  // An inserted second begins at midnight as POSIX counts, a deleted one is the last before it.
  const base::RealTime midnight = c.total > before ? utc : utc + 1s;
  return table.append({midnight, static_cast<std::int16_t>(least_tai_offset + c.total)});
}

}  // namespace

std::expected<LeapTable, std::string> parse_tzif_leaps(base::Bytes file) {
  base::ByteReader in(file);
  const auto old = read_header(in);
  if (!old) return std::unexpected("it is not a compiled time zone (TZif)");
  if (old->version < '2') return std::unexpected("it is a TZif file of version 1, which is not supported");
  if (!skip(in, old->size(4))) return std::unexpected("it is truncated");
  const auto header = read_header(in);
  if (!header || !skip(in, header->before_leaps(8))) return std::unexpected("it is truncated");
  LeapTable table;
  table.entries.push_back({first_entry, least_tai_offset});
  for (std::uint64_t i = 0; i < header->leaps(); ++i) {
    const auto correction = read_correction(in);
    if (!correction) return std::unexpected("its leap seconds cannot be read");
    if (!take(table, *correction, i + 1 == header->leaps()))
      return std::unexpected("its leap seconds contradict each other");
  }
  if (table.entries.size() < 2) return std::unexpected("it has no leap seconds: use right/UTC");
  return table;
}

}  // namespace gnomon::engine
