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
constexpr char form_mark = 5;
constexpr char value_mark = 6;
constexpr std::string_view marks{"\1\2\3\4\5"};

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

// Writes out one form. Neither its types nor the octets are believed.
class Filled {
 public:
  Filled(std::string& out, std::string_view form, std::string_view octets)
      : out_(out), form_(form), octets_(octets) {}

  // What is left of the octets. nullopt: they do not fit.
  [[nodiscard]] std::optional<std::string_view> write() {
    while (true) {
      const auto at = form_.find(value_mark);
      out_ += form_.substr(0, at);
      if (at == form_.npos) return octets_;
      form_.remove_prefix(at + 1);
      if (!write_value()) return std::nullopt;
    }
  }

 private:
  static constexpr int deepest = 16;

  [[nodiscard]] char next_letter() {
    if (form_.empty()) return 0;
    const char letter = form_.front();
    form_.remove_prefix(1);
    return letter;
  }
  [[nodiscard]] std::optional<std::string_view> take(std::size_t count) {
    if (octets_.size() < count) return std::nullopt;
    const auto taken = octets_.substr(0, count);
    octets_.remove_prefix(count);
    return taken;
  }
  [[nodiscard]] std::optional<std::uint8_t> take_count() {
    const auto octet = take(1);
    return octet ? std::optional{static_cast<std::uint8_t>(octet->front())} : std::nullopt;
  }
  template <class T>
  [[nodiscard]] bool write_as() {
    const auto octets = take(sizeof(T));
    if (octets) write_number<T>(out_, *octets);
    return octets.has_value();
  }
  template <class T>
  [[nodiscard]] bool write_hex() {
    const auto octets = take(sizeof(T));
    if (!octets) return false;
    T value{};
    std::memcpy(&value, octets->data(), sizeof value);
    constexpr std::string_view digits = "0123456789abcdef";
    for (std::size_t i = 2 * sizeof(T); i > 0; --i) out_ += digits[value >> 4U * (i - 1) & 15U];
    return true;
  }
  [[nodiscard]] bool write_value();
  [[nodiscard]] bool write_sized(char kind);
  [[nodiscard]] bool write_truth();
  [[nodiscard]] bool write_word();
  [[nodiscard]] bool write_address();
  [[nodiscard]] bool write_optional();
  [[nodiscard]] bool write_list();
  [[nodiscard]] bool pass_over();

  std::string& out_;
  std::string_view form_;
  std::string_view octets_;
  int depth_ = 0;
};

bool Filled::write_value() {
  if (++depth_ > deepest) return false;
  const char kind = next_letter();
  const auto of_kind = [&] {
    if (kind == 'b') return write_truth();
    if (kind == 'w') return write_word();
    if (kind == 'a') return write_address();
    if (kind == '?') return write_optional();
    return kind == '{' ? write_list() : write_sized(kind);
  };
  const bool written = of_kind();
  --depth_;
  return written;
}

bool Filled::write_sized(char kind) {
  const std::array type{kind, next_letter()};
  const std::string_view name{type.data(), type.size()};
  if (name == "u1") return write_as<std::uint8_t>();
  if (name == "u2") return write_as<std::uint16_t>();
  if (name == "u4") return write_as<std::uint32_t>();
  if (name == "u8") return write_as<std::uint64_t>();
  if (name == "i1") return write_as<std::int8_t>();
  if (name == "i2") return write_as<std::int16_t>();
  if (name == "i4") return write_as<std::int32_t>();
  if (name == "i8") return write_as<std::int64_t>();
  if (name == "f8") return write_as<double>();
  return name == "x4" && write_hex<std::uint32_t>();
}

bool Filled::write_truth() {
  const auto value = take_count();
  if (value) out_ += *value != 0 ? "true" : "false";
  return value.has_value();
}

bool Filled::write_word() {
  const auto size = take_count();
  const auto word = size ? take(*size) : std::nullopt;
  if (word) out_ += *word;
  return word.has_value();
}

bool Filled::write_address() {
  const auto size = take_count();
  if (!size || (*size != 0 && *size != 4 && *size != 16)) return false;
  const auto octets = take(*size);
  std::uint32_t scope = 0;
  const auto behind = take(*size == 16 ? sizeof scope : 0);
  if (!octets || !behind) return false;
  std::memcpy(&scope, behind->data(), behind->size());
  out_ += '"';
  if (*size != 0) out_ += to_string(from_octets(as_bytes(*octets), scope));
  out_ += '"';
  return true;
}

bool Filled::write_optional() {
  const auto there = take_count();
  if (there == 1) return write_value();
  out_ += "null";
  return there == 0 && pass_over();
}

bool Filled::write_list() {
  out_ += '[';
  for (bool first = true; !form_.starts_with('}'); first = false) {
    if (!first) out_ += ',';
    if (!write_value()) return false;
  }
  form_.remove_prefix(1);
  out_ += ']';
  return true;
}

// The type of what is not there.
bool Filled::pass_over() {
  if (++depth_ > deepest) return false;
  const char kind = next_letter();
  bool passed = kind != 0;
  if (kind == '?') passed = pass_over();
  if (kind == '{') {
    while (passed && !form_.starts_with('}')) passed = pass_over();
    static_cast<void>(next_letter());
  }
  if (std::string_view{"uifx"}.contains(kind)) passed = next_letter() != 0;
  --depth_;
  return passed;
}

// What is left behind the form's values.
std::optional<std::string_view> write_form(std::string& out, std::span<const std::string> forms,
                                           std::string_view raw) {
  if (raw.empty()) return std::nullopt;
  const std::size_t number = static_cast<std::uint8_t>(raw.front());
  if (number >= forms.size()) return std::nullopt;
  return Filled{out, forms[number], raw.substr(1)}.write();
}

std::optional<std::string_view> write_marked(std::string& out, std::span<const std::string> forms, char mark,
                                             std::string_view raw) {
  if (mark == form_mark) return write_form(out, forms, raw);
  const auto size = size_behind(mark);
  if (raw.size() < size) return std::nullopt;
  write_out(out, mark, raw.substr(0, size));
  return raw.substr(size);
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

std::optional<std::string> written_out(std::string_view raw, std::span<const std::string> forms) {
  // What a form adds is several times its values; without an end, a few octets would fill the memory.
  const auto longest = 10'000 + 100 * raw.size();
  std::string text;
  text.reserve(raw.size() * 2);
  while (true) {
    const auto at = raw.find_first_of(marks);
    text += raw.substr(0, at);
    if (at == raw.npos) return text;
    const char mark = raw[at];
    const auto rest = write_marked(text, forms, mark, raw.substr(at + 1));
    if (!rest || text.size() > longest) return std::nullopt;
    raw = *rest;
  }
}

}  // namespace gnomon::base
