// SPDX-License-Identifier: GPL-2.0-or-later
// The layout of a value in letters, all the way down: it changes by itself when a member comes, goes or gets
// another type. Stateless.
//
//   f8 u4 i2  a number with its size
//   e1:17     an enumeration with its size, and how many enumerators it has
//   s a p     a text; an address; a pointer, which is not written
//   dT tT     a span; a moment
//   ?T *T     an optional; a list
//   mKT #NT   a map; an array of N
//   {T...}    a structure
//   |T...|    a variant
#pragma once

#include <cstddef>
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
  [[maybe_unused]] const auto one = [&]<std::size_t N>(std::integral_constant<std::size_t, N>) {
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
    if constexpr (Enumeration<T>) out += ':' + std::to_string(enumerator_count<T>());
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

// Whether what was written with the one layout is read by a program with the other: that of a structure may
// have further members at its end, a variant further alternatives, and an enumeration further enumerators.
// Records of before their numbers were counted have "e1" alone.
[[nodiscard]] bool can_read(std::string_view written, std::string_view ours);

}  // namespace gnomon::engine::replay
