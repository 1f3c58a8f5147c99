// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/ntp/extensions.hpp"

#include <algorithm>
#include <cmath>

namespace gnomon::protocol {
namespace {

constexpr std::uint32_t magic = 0xf5bedd9a;
constexpr std::size_t body_size = 24;
constexpr std::size_t field_size = 4 + body_size;
constexpr double root_unit = 268435456.0;        // 2^28
constexpr double timestamp_unit = 4294967296.0;  // 2^32

std::uint32_t root_value(base::Seconds s) {
  return static_cast<std::uint32_t>(std::clamp(s.count() * root_unit, 0.0, 4294967295.0));
}

std::optional<MonotonicRoot> read_monotonic(base::Bytes body) {
  base::ByteReader reader{body};
  if (body.size() != body_size || reader.read<std::uint32_t>() != magic) return std::nullopt;
  MonotonicRoot root;
  root.root_delay = base::Seconds{reader.read<std::uint32_t>().value_or(0) / root_unit};
  root.root_dispersion = base::Seconds{reader.read<std::uint32_t>().value_or(0) / root_unit};
  root.receive = {reader.read<std::uint64_t>().value_or(0)};
  root.epoch = reader.read<std::uint32_t>().value_or(0);
  return root;
}

std::optional<base::Seconds> read_correction(base::Bytes body) {
  if (body.size() != body_size) return std::nullopt;
  const auto value = base::ByteReader{body}.read<std::uint64_t>().value_or(0);
  return base::NtpDuration{static_cast<std::int64_t>(value)}.seconds();
}

}  // namespace

Extensions read_extensions(std::span<const ExtensionField> fields) {
  Extensions found;
  for (const auto& field : fields) {
    if (field.type == static_cast<std::uint16_t>(FieldType::monotonic_root)) {
      if (const auto read = read_monotonic(field.body)) found.monotonic = read;
    } else if (field.type == static_cast<std::uint16_t>(FieldType::network_correction)) {
      if (const auto read = read_correction(field.body)) found.correction = read;
    }
  }
  return found;
}

std::size_t size_of(const Extensions& extensions) {
  return (extensions.monotonic ? field_size : 0) + (extensions.correction ? field_size : 0);
}

void write_extensions(const Extensions& extensions, base::ByteWriter& writer) {
  if (extensions.correction) {
    const double most = 2147483647.0;
    const double seconds = std::clamp(extensions.correction->count(), -most, most);
    writer.write(static_cast<std::uint16_t>(FieldType::network_correction));
    writer.write(static_cast<std::uint16_t>(field_size));
    writer.write(static_cast<std::uint64_t>(std::llround(seconds * timestamp_unit)));
    writer.write_zeros(body_size - sizeof(std::uint64_t));
  }
  if (!extensions.monotonic) return;
  const auto& root = *extensions.monotonic;
  writer.write(static_cast<std::uint16_t>(FieldType::monotonic_root));
  writer.write(static_cast<std::uint16_t>(field_size));
  writer.write(magic);
  writer.write(root_value(root.root_delay));
  writer.write(root_value(root.root_dispersion));
  writer.write(root.receive.value);
  writer.write(root.epoch);
}

Extensions only(const Extensions& extensions, const Extensions& wished) {
  Extensions some = extensions;
  if (!wished.monotonic) some.monotonic.reset();
  if (!wished.correction) some.correction.reset();
  return some;
}

}  // namespace gnomon::protocol
