// SPDX-License-Identifier: GPL-2.0-or-later
// Text whose numbers are not written out yet: whoever has no time for that leaves their octets between the
// characters, and another process of the same machine writes them out. A value.
//
//   01 8 octets             a floating-point number
//   02 8 octets             an integer
//   03 4, 04 16 octets      an IPv4, an IPv6 address
//   05 1 octet              the number of a form, and the octets of its values
//
// A form is what is the same in many texts. In it an octet 06 stands for a value, and behind it is its type:
//
//   b u1 u2 u4 u8 i1 i2 i4 i8 f8    a truth, a number of so many octets
//   x4                              a number, written in hexadecimal with all its digits
//   w                               a word: its length in an octet, and its characters
//   a                               an address in quotes: how many octets it has in an octet, those, and of
//   16
//                                   four more for the scope; 0: it is unspecified, the quotes are empty
//   ?T                              an octet, 0: null, 1: T follows
//   {T...}                          a list
//
// Octets of numbers are in the order of the machine. The text itself must not have these control characters.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/address.hpp"

namespace gnomon::base {

// In memory of its own until it is longer than is usual.
class RawText {
 public:
  RawText() {}  // NOLINT: what is not used yet needs no value
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
  // Its values follow.
  void begin_form(std::uint8_t number) {
    *this += '\5';
    *this += static_cast<char>(number);
  }
  // Of a form: put(char* at) writes `most` octets at most, and returns their end.
  template <class Put>
  void add_octets(std::size_t most, Put&& put) {
    char* const at = room_for(most);
    size_ += static_cast<std::size_t>(put(at) - at);
  }
  void shorten_to(std::size_t size) { size_ = size; }  // not above size()

  [[nodiscard]] std::string_view view() const { return {data(), size_}; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
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

  using Usual = std::array<char, 320>;  // what the compiler zeroes for each

  Usual own_;
  std::unique_ptr<char[]> larger_;
  std::size_t capacity_ = std::tuple_size_v<Usual>;
  std::size_t size_ = 0;
};

// A number gets as many digits as tell it from its neighbours; what JSON has no number for becomes "nan",
// "inf" or "-inf". forms: by their number. nullopt: octets are missing, or a form is, or is none.
[[nodiscard]] std::optional<std::string> written_out(std::string_view raw,
                                                     std::span<const std::string> forms = {});

}  // namespace gnomon::base
