// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/raw_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace gnomon::base {

namespace {

constexpr char float_mark = 1;
constexpr char integer_mark = 2;
constexpr char ipv4_mark = 3;
constexpr char ipv6_mark = 4;
constexpr std::string_view marks{"\1\2\3\4"};

template <class T>
void write_digits(std::string& out, T value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

template <class T>
void write_number(std::string& out, std::string_view octets) {
  T value{};
  std::memcpy(&value, octets.data(), sizeof value);
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(value)) return static_cast<void>(out += "\"nan\"");
    if (std::isinf(value)) return static_cast<void>(out += value > 0 ? "\"inf\"" : "\"-inf\"");
  }
  write_digits(out, value);
}

std::size_t size_behind(char mark) {
  if (mark == ipv4_mark) return 4;
  return mark == ipv6_mark ? 16 : 8;
}

void write_out(std::string& out, char mark, std::string_view octets) {
  if (mark == float_mark)
    write_number<double>(out, octets);
  else if (mark == integer_mark)
    write_number<std::int64_t>(out, octets);
  else
    out += to_string(from_octets(as_bytes(octets)));
}

}  // namespace

RawText::RawText(RawText&& other) noexcept
    : larger_(std::move(other.larger_)),
      capacity_(std::exchange(other.capacity_, std::tuple_size_v<Usual>)),
      size_(std::exchange(other.size_, 0)) {
  if (!larger_) std::memcpy(own_.data(), other.own_.data(), size_);
}

void RawText::add(const IpAddress& address) {
  if (!address.is_specified()) return;
  if (address.scope != 0) return static_cast<void>(*this += to_string(address));
  const auto octets = address.bytes();
  *this += address.family == AddressFamily::ipv4 ? ipv4_mark : ipv6_mark;
  *this += std::string_view{reinterpret_cast<const char*>(octets.data()), octets.size()};  // NOLINT: as text
}

void RawText::grow(std::size_t count) {
  const auto capacity = std::max(2 * capacity_, size_ + count);
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  std::memcpy(larger.get(), data(), size_);
  larger_ = std::move(larger);
  capacity_ = capacity;
}

std::optional<std::string> written_out(std::string_view raw) {
  std::string text;
  text.reserve(raw.size() * 2);
  while (true) {
    const auto at = raw.find_first_of(marks);
    text += raw.substr(0, at);
    if (at == raw.npos) return text;
    const char mark = raw[at];
    raw.remove_prefix(at + 1);
    const auto size = size_behind(mark);
    if (raw.size() < size) return std::nullopt;
    write_out(text, mark, raw.substr(0, size));
    raw.remove_prefix(size);
  }
}

}  // namespace gnomon::base
