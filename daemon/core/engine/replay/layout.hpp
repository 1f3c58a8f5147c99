// SPDX-License-Identifier: GPL-2.0-or-later
// A number for the layout of a value, all the way down: what was written under another one is not read. It
// changes by itself when a member comes, goes or gets another type. Stateless.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

#include "base/address.hpp"
#include "daemon/core/engine/replay/members.hpp"

namespace gnomon::engine::replay {

template <class T>
void describe(std::string& out);

namespace detail {

template <class T, std::size_t... I>
void describe_parts(std::string& out, std::index_sequence<I...> /*all*/) {
  const auto one = [&]<std::size_t N>(std::integral_constant<std::size_t, N>) {
    describe<std::remove_cvref_t<std::tuple_element_t<N, decltype(parts_of(std::declval<T&>()))>>>(out);
  };
  out += '{';
  (one(std::integral_constant<std::size_t, I>{}), ...);
  out += '}';
}

template <class T>
void describe_variant(std::string& out) {
  out += '|';
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (describe<std::variant_alternative_t<I, T>>(out), ...);
  }(std::make_index_sequence<std::variant_size_v<T>>{});
  out += '|';
}

}  // namespace detail

template <class T>
void describe(std::string& out) {
  if constexpr (std::is_pointer_v<T>) {
    out += 'p';
  } else if constexpr (std::is_arithmetic_v<T> || Enumeration<T>) {
    out += std::is_floating_point_v<T> ? 'f' : Enumeration<T> ? 'e' : std::is_signed_v<T> ? 'i' : 'u';
    out += static_cast<char>('0' + sizeof(T));
  } else if constexpr (std::is_same_v<T, std::string>) {
    out += 's';
  } else if constexpr (Span<T> || Moment<T>) {
    out += Span<T> ? 'd' : 't';
    describe<typename T::rep>(out);
  } else if constexpr (std::is_same_v<T, base::IpAddress>) {
    out += 'a';
  } else if constexpr (Optional<T> || List<T>) {
    out += Optional<T> ? '?' : '*';
    describe<typename T::value_type>(out);
  } else if constexpr (Map<T>) {
    out += 'm';
    describe<typename T::key_type>(out);
    describe<typename T::mapped_type>(out);
  } else if constexpr (Variant<T>) {
    detail::describe_variant<T>(out);
  } else if constexpr (requires(T& array) {
                         std::tuple_size<T>::value;
                         array.size();
                       }) {
    out += '#' + std::to_string(std::tuple_size<T>::value);
    describe<typename T::value_type>(out);
  } else {
    detail::describe_parts<T>(out, std::make_index_sequence<part_count<T>()>{});
  }
}

// FNV-1a, 64 bits.
[[nodiscard]] constexpr std::uint64_t layout_number(std::string_view described) {
  std::uint64_t number = 0xcbf29ce484222325;
  for (const char c : described) number = (number ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return number;
}

}  // namespace gnomon::engine::replay
