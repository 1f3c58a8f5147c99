// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/measurements/recorded.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "base/enum_words.hpp"
#include "base/overloaded.hpp"
#include "daemon/core/events/event_fields.hpp"

namespace gnomon::core {

namespace {

constexpr std::size_t longest_name = 255;
constexpr std::size_t largest = 400;    // octets of one
constexpr double furthest = 1e12;       // of every number, whatever its unit
constexpr std::uint8_t no_state = 255;  // in the place of a state: the source is gone

using base::ByteReader;
using base::ByteWriter;

// The kind comes first: the index in the variant. Numbers are IEEE 754, those that say where something
// happened with 64 bits, sizes of errors with 32.
void put(ByteWriter& out, double value) {
  out.write(std::bit_cast<std::uint64_t>(value));
}
void put_short(ByteWriter& out, double value) {
  out.write(std::bit_cast<std::uint32_t>(static_cast<float>(value)));
}

// 1 octet family, 4 or 16 of the address, 2 port, 1 length of the name, the name
void put(ByteWriter& out, const RecordedSource& source) {
  out.write(static_cast<std::uint8_t>(source.address.family));
  if (source.address.is_specified()) out.write(source.address.bytes());
  out.write(source.port);
  const auto name = base::as_bytes(source.name).first(std::min(source.name.size(), longest_name));
  out.write(static_cast<std::uint8_t>(name.size()));
  out.write(name);
}

std::optional<double> checked(double value) {
  return std::isfinite(value) && std::fabs(value) <= furthest ? std::optional{value} : std::nullopt;
}

// Reads until something is missing or wrong; says so at the end.
class Fields {
 public:
  explicit Fields(base::Bytes octets) : in_(octets) {}

  double number() { return checked_or_bad(std::bit_cast<double>(unsigned_of<std::uint64_t>())); }
  double short_number() {
    return checked_or_bad(static_cast<double>(std::bit_cast<float>(unsigned_of<std::uint32_t>())));
  }
  base::Seconds seconds() { return base::Seconds{number()}; }
  base::Seconds short_seconds() { return base::Seconds{short_number()}; }
  base::Ppm ppm() { return base::Ppm{short_number()}; }
  bool flag() { return unsigned_of<std::uint8_t>() == 1; }
  std::uint8_t octet() { return unsigned_of<std::uint8_t>(); }

  template <class Enum>
  Enum word() {
    const auto value = octet();
    bad_ = bad_ || !base::is_enumerator<Enum>(value);
    return bad_ ? Enum{} : static_cast<Enum>(value);
  }

  RecordedSource source() {
    RecordedSource source;
    const auto family = word<base::AddressFamily>();
    if (!bad_ && family != base::AddressFamily::unspecified)
      source.address = base::from_octets(take(family == base::AddressFamily::ipv4 ? 4 : 16));
    source.port = unsigned_of<std::uint16_t>();
    const auto name = take(octet());
    source.name = readable({reinterpret_cast<const char*>(name.data()), name.size()});  // NOLINT: as text
    return source;
  }

  [[nodiscard]] bool whole() const { return !bad_ && in_.empty(); }

 private:
  template <class T>
  T unsigned_of() {
    const auto value = in_.read<T>();
    bad_ = bad_ || !value;
    return value.value_or(0);
  }
  double checked_or_bad(double value) {
    const auto good = checked(value);
    bad_ = bad_ || !good;
    return good.value_or(0);
  }
  base::Bytes take(std::size_t count) {
    const auto taken = in_.take(count);
    bad_ = bad_ || !taken;
    return taken.value_or(base::Bytes{});
  }

  ByteReader in_;
  bool bad_ = false;
};

void put(ByteWriter& out, const RecordedMeasurement& measured) {
  put(out, measured.offset.count());
  put_short(out, measured.delay.count());
  put_short(out, measured.error.count());
  out.write(measured.stratum);
  out.write(std::uint8_t{measured.used});
  out.write(static_cast<std::uint8_t>(measured.state));
  put(out, measured.source);
}

RecordedMeasurement measurement_of(Fields& in) {
  RecordedMeasurement measured;
  measured.offset = in.seconds();
  measured.delay = in.short_seconds();
  measured.error = in.short_seconds();
  measured.stratum = in.octet();
  measured.used = in.flag();
  measured.state = in.word<engine::SourceState>();
  measured.source = in.source();
  return measured;
}

void put(ByteWriter& out, const RecordedClock& clock) {
  out.write(static_cast<std::uint8_t>(clock.updated));
  put(out, clock.offset.count());
  put(out, clock.remaining.count());
  out.write(static_cast<std::uint8_t>(clock.error_bound.has_value()));
  put_short(out, clock.error_bound.value_or(base::Seconds{}).count());
  put_short(out, clock.growth);
  put(out, clock.frequency.value);
  put_short(out, clock.skew.value);
  out.write(static_cast<std::uint8_t>(clock.step.has_value()));
  put(out, clock.step.value_or(base::Seconds{}).count());
  put_short(out, clock.slew.value);
  put_short(out, clock.slew_duration.count());
}

RecordedClock clock_of(Fields& in) {
  RecordedClock clock;
  clock.updated = in.flag();
  clock.offset = in.seconds();
  clock.remaining = in.seconds();
  const bool is_bounded = in.flag();
  if (const auto bound = in.short_seconds(); is_bounded) clock.error_bound = bound;
  clock.growth = in.short_number();
  clock.frequency = base::Ppm{in.number()};
  clock.skew = in.ppm();
  const bool is_stepped = in.flag();
  if (const auto step = in.seconds(); is_stepped) clock.step = step;
  clock.slew = in.ppm();
  clock.slew_duration = in.short_seconds();
  return clock;
}

void put(ByteWriter& out, const RecordedSelection& selection) {
  out.write(selection.state ? static_cast<std::uint8_t>(*selection.state) : no_state);
  out.write(static_cast<std::uint8_t>(selection.reason));
  put(out, selection.source);
}

std::optional<Recorded> selection_of(base::Bytes octets) {
  RecordedSelection selection;
  const bool is_gone = !octets.empty() && octets.front() == no_state;
  Fields in{is_gone ? octets.subspan(1) : octets};
  if (!is_gone) selection.state = in.word<engine::SourceState>();
  selection.reason = in.word<engine::Reason>();
  selection.source = in.source();
  return in.whole() ? std::optional<Recorded>{selection} : std::nullopt;
}

}  // namespace

base::Buffer encode(const Recorded& recorded) {
  std::array<std::uint8_t, largest> octets{};
  ByteWriter out{octets};
  out.write(static_cast<std::uint8_t>(recorded.index()));
  std::visit(base::Overloaded{[](const RecordedStart&) {}, [&out](const auto& one) { put(out, one); }},
             recorded);
  const auto written = out.written();
  return {written.begin(), written.end()};
}

std::optional<Recorded> decode_recorded(base::Bytes octets) {
  if (octets.empty()) return std::nullopt;
  const auto kind = octets.front();
  octets = octets.subspan(1);
  Fields in{octets};
  switch (kind) {
    case 0: {
      Recorded measured{measurement_of(in)};
      return in.whole() ? std::optional{std::move(measured)} : std::nullopt;
    }
    case 1: {
      Recorded clock{clock_of(in)};
      return in.whole() ? std::optional{std::move(clock)} : std::nullopt;
    }
    case 2:
      return selection_of(octets);
    case 3:
      return octets.empty() ? std::optional<Recorded>{RecordedStart{}} : std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace gnomon::core
