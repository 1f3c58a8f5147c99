// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/fields.hpp"

#include <algorithm>

namespace gnomon::ipc {

namespace {

bool is_printable(char c) {
  return c >= ' ' && c <= '~';
}

bool fits(char c, TextKind kind) {
  if (kind == TextKind::printable) return is_printable(c);
  return static_cast<unsigned char>(c) > ' ' && c != '\x7f';
}

}  // namespace

std::int64_t FieldReader::signed_64_in(std::int64_t low, std::int64_t high) {
  const auto value = signed_64();
  require(value >= low && value <= high);
  return value;
}

base::Duration FieldReader::duration() {
  return duration_in(-base::Duration::max(), base::Duration::max());
}

base::Duration FieldReader::duration_in(base::Duration low, base::Duration high) {
  return base::Duration{signed_64_in(low.count(), high.count())};
}

base::Bytes FieldReader::octets(std::size_t count) {
  const auto taken = bytes_.take(count);
  failed_ = failed_ || !taken;
  return taken.value_or(base::Bytes{});
}

base::Buffer FieldReader::block(std::size_t low, std::size_t high) {
  const auto size = number<std::uint16_t>();
  require(size >= low && size <= high);
  const auto taken = octets(size);
  return {taken.begin(), taken.end()};
}

std::string FieldReader::text(std::size_t low, std::size_t high, TextKind kind) {
  const auto size = number<std::uint8_t>();
  require(size >= low && size <= high);
  const auto taken = octets(size);
  std::string text{taken.begin(), taken.end()};
  require(std::ranges::all_of(text, [kind](char c) { return fits(c, kind); }));
  return text;
}

// One form only for every address, so that equal addresses are equal octets.
base::IpAddress FieldReader::address() {
  const auto family = enumerator(base::AddressFamily::ipv6);
  const auto all = octets(16);
  const auto scope = number<std::uint32_t>();
  if (failed_) return {};
  const std::size_t used = family == base::AddressFamily::ipv6   ? 16
                           : family == base::AddressFamily::ipv4 ? 4
                                                                 : 0;
  require(std::ranges::all_of(all.subspan(used), [](auto octet) { return octet == 0; }));
  require(scope == 0 || family == base::AddressFamily::ipv6);
  const auto address = base::from_octets(all.first(used), scope);
  require(address.family == family);
  return address;
}

base::Endpoint FieldReader::endpoint() {
  const auto at = address();
  return {at, number<std::uint16_t>()};
}

std::vector<base::IpAddress> FieldReader::addresses(std::uint8_t most) {
  std::vector<base::IpAddress> list;
  const auto count = number_in<std::uint8_t>(1, most);
  for (unsigned i = 0; i < count && !failed_; ++i) {
    list.push_back(address());
    require(list.back().is_specified());
  }
  return list;
}

void write_flag(base::ByteWriter& out, bool value) {
  out.write<std::uint8_t>(value ? 1 : 0);
}
void write_signed(base::ByteWriter& out, std::int64_t value) {
  out.write(static_cast<std::uint64_t>(value));
}
void write_signed(base::ByteWriter& out, std::int32_t value) {
  out.write(static_cast<std::uint32_t>(value));
}
void write_signed(base::ByteWriter& out, std::int16_t value) {
  out.write(static_cast<std::uint16_t>(value));
}

void write_block(base::ByteWriter& out, base::Bytes block) {
  out.write(static_cast<std::uint16_t>(block.size()));
  out.write(block);
}

void write_text(base::ByteWriter& out, std::string_view text) {
  if (text.size() > 255) {
    out.reserve(SIZE_MAX);
    return;
  }
  out.write(static_cast<std::uint8_t>(text.size()));
  out.write(base::as_bytes(text));
}

void write_address(base::ByteWriter& out, const base::IpAddress& address) {
  out.write(static_cast<std::uint8_t>(address.family));
  out.write(base::Bytes{address.octets});
  out.write(address.scope);
}

void write_endpoint(base::ByteWriter& out, const base::Endpoint& endpoint) {
  write_address(out, endpoint.address);
  out.write(endpoint.port);
}

void write_addresses(base::ByteWriter& out, const std::vector<base::IpAddress>& addresses) {
  out.write(static_cast<std::uint8_t>(addresses.size()));
  for (const auto& address : addresses) write_address(out, address);
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string result{text.substr(0, limit)};
  std::ranges::replace_if(result, [](char c) { return !is_printable(c); }, '?');
  return result;
}

}  // namespace gnomon::ipc
