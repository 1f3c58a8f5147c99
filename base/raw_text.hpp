// SPDX-License-Identifier: GPL-2.0-or-later
// Text whose numbers are not written out yet: whoever has no time for that leaves their octets between the
// characters, and another process of the same machine writes them out. A value.
//
//   01 8 octets             a floating-point number
//   02 8 octets             an integer
//   03 4, 04 16 octets      an IPv4, an IPv6 address
//
// Octets of numbers are in the order of the machine. The text itself must not have these control characters.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.hpp"

namespace gnomon::base {

// In memory of its own until it is longer than is usual.
class RawText {
 public:
  RawText() = default;
  explicit RawText(std::string_view text) { *this += text; }
  RawText(RawText&& other) noexcept;
  RawText& operator=(RawText&&) = delete;
  ~RawText() = default;

  RawText& operator+=(char character) {
    *room_for(1) = character;
    ++size_;
    return *this;
  }
  RawText& operator+=(std::string_view text) {
    if (!text.empty()) std::memcpy(room_for(text.size()), text.data(), text.size());
    size_ += text.size();
    return *this;
  }
  // A literal, whose length is known.
  template <std::size_t size>
  RawText& operator+=(const char (&text)[size]) {
    std::memcpy(room_for(size - 1), text, size - 1);
    size_ += size - 1;
    return *this;
  }
  void add(double value) { add_marked(1, value); }
  void add(std::int64_t value) { add_marked(2, value); }
  void add(const IpAddress& address);  // unspecified: nothing

  [[nodiscard]] std::string_view view() const { return {data(), size_}; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] char back() const { return view().back(); }

 private:
  [[nodiscard]] const char* data() const { return larger_ ? larger_.get() : own_.data(); }
  [[nodiscard]] char* room_for(std::size_t count) {
    if (capacity_ - size_ < count) grow(count);
    return (larger_ ? larger_.get() : own_.data()) + size_;
  }
  template <class T>
  void add_marked(char mark, T value) {
    char* const at = room_for(1 + sizeof value);
    *at = mark;
    std::memcpy(at + 1, &value, sizeof value);
    size_ += 1 + sizeof value;
  }
  void grow(std::size_t count);

  using Usual = std::array<char, 1000>;

  Usual own_{};
  std::unique_ptr<char[]> larger_;
  std::size_t capacity_ = std::tuple_size_v<Usual>;
  std::size_t size_ = 0;
};

// A number gets as many digits as tell it from its neighbours; what JSON has no number for becomes "nan",
// "inf" or "-inf". nullopt: octets are missing.
[[nodiscard]] std::optional<std::string> written_out(std::string_view raw);

}  // namespace gnomon::base
