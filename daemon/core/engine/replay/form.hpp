// SPDX-License-Identifier: GPL-2.0-or-later
// The lines that come with each packet and each measurement, as forms (raw_text.hpp): the core only copies
// the octets of their values. One function describes a line for both, the form and its values. Stateless.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/address.hpp"
#include "base/raw_text.hpp"
#include "daemon/core/engine/replay/members.hpp"

namespace gnomon::engine::replay {

// A word out of a list that the program has, with nothing in it that would have to be escaped.
struct Word {
  std::string_view text;  // at most 31 octets
};
struct Hex {
  std::uint32_t value = 0;
};

namespace detail {

inline constexpr std::size_t longest_word = 31;

template <class T>
concept Number = std::is_arithmetic_v<T> || Enumeration<T>;

// Structures, as every other value is named.
template <class T>
concept Parts = !Number<T> && !Span<T> && !Moment<T> && !Optional<T> && !std::is_same_v<T, Word> &&
                !std::is_same_v<T, Hex> && !std::is_same_v<T, base::IpAddress>;

template <class T>
void append_type(std::string& out);

template <class T, std::size_t... I>
void append_types(std::string& out, std::index_sequence<I...> /*all*/) {
  (append_type<std::remove_cvref_t<std::tuple_element_t<I, decltype(parts_of(std::declval<T&>()))>>>(out),
   ...);
}

template <class T>
void append_type(std::string& out) {
  if constexpr (std::is_same_v<T, bool>) {
    out += 'b';
  } else if constexpr (Number<T>) {
    static_assert(!std::is_floating_point_v<T> || sizeof(T) == 8);
    if constexpr (Enumeration<T>) return append_type<std::underlying_type_t<T>>(out);
    out += std::is_floating_point_v<T> ? 'f' : std::is_signed_v<T> ? 'i' : 'u';
    out += static_cast<char>('0' + sizeof(T));
  } else if constexpr (std::is_same_v<T, Word>) {
    out += 'w';
  } else if constexpr (std::is_same_v<T, Hex>) {
    out += "x4";
  } else if constexpr (std::is_same_v<T, base::IpAddress>) {
    out += 'a';
  } else if constexpr (Span<T> || Moment<T>) {
    append_type<typename T::rep>(out);
  } else if constexpr (Optional<T>) {
    out += '?';
    append_type<typename T::value_type>(out);
  } else {
    out += '{';
    append_types<T>(out, std::make_index_sequence<part_count<T>()>{});
    out += '}';
  }
}

// How many octets such a value takes at most.
template <class T>
consteval std::size_t most_octets();

template <class T, std::size_t... I>
consteval std::size_t most_octets_of_parts(std::index_sequence<I...> /*all*/) {
  return (
      most_octets<std::remove_cvref_t<std::tuple_element_t<I, decltype(parts_of(std::declval<T&>()))>>>() +
      ... + 0);
}

template <class T>
consteval std::size_t most_octets() {
  if constexpr (std::is_same_v<T, Word>)
    return 1 + longest_word;
  else if constexpr (std::is_same_v<T, base::IpAddress>)
    return 1 + 16 + 4;
  else if constexpr (Optional<T>)
    return 1 + most_octets<typename T::value_type>();
  else if constexpr (Parts<T>)
    return most_octets_of_parts<T>(std::make_index_sequence<part_count<T>()>{});
  else
    return sizeof(T);
}

inline char* put_octets(char* at, const void* octets, std::size_t count) {
  std::memcpy(at, octets, count);
  return at + count;
}

inline char* put_word(char* at, std::string_view word) {
  word = word.substr(0, longest_word);
  *at = static_cast<char>(word.size());
  return put_octets(at + 1, word.data(), word.size());
}

inline char* put_address(char* at, const base::IpAddress& address) {
  *at = 0;
  if (!address.is_specified()) return at + 1;
  const auto octets = address.bytes();
  *at = static_cast<char>(octets.size());
  at = put_octets(at + 1, octets.data(), octets.size());
  return address.family == base::AddressFamily::ipv4 ? at
                                                     : put_octets(at, &address.scope, sizeof address.scope);
}

// Its end. There is room for the most.
template <class T>
char* put(char* at, const T& value) {
  if constexpr (std::is_same_v<T, Word>) {
    return put_word(at, value.text);
  } else if constexpr (std::is_same_v<T, base::IpAddress>) {
    return put_address(at, value);
  } else if constexpr (Optional<T>) {
    *at = value ? 1 : 0;
    return value ? put(at + 1, *value) : at + 1;
  } else if constexpr (Parts<T>) {
    for_each_part(value, [&at](const auto& part) { at = put(at, part); });
    return at;
  } else {
    static_assert(std::is_trivially_copyable_v<T>);
    return put_octets(at, &value, sizeof value);
  }
}

}  // namespace detail

// The two for which a line is described: what it always says, and the octets of its values.
class FormText {
 public:
  void text(std::string_view fixed) { form_ += fixed; }
  template <class T>
  void value(const T& /*any*/) {
    form_ += '\6';
    detail::append_type<T>(form_);
  }
  [[nodiscard]] std::string take() { return std::move(form_); }

 private:
  std::string form_;
};

class FormOctets {
 public:
  FormOctets(base::RawText& out, std::uint8_t form) : out_(out) { out.begin_form(form); }
  static void text(std::string_view /*fixed*/) {}
  template <class T>
  void value(const T& value) {
    out_.add_octets(detail::most_octets<T>(), [&](char* at) { return detail::put(at, value); });
  }

 private:
  base::RawText& out_;
};

}  // namespace gnomon::engine::replay
