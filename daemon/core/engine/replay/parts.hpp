// SPDX-License-Identifier: GPL-2.0-or-later
// What a value of the engine consists of, for whoever writes all of it down or reads it again. A class with
// private members lists them in state(); of an aggregate the number of its members is listed (members.hpp),
// and another number does not compile. Stateless.
#pragma once

#include <chrono>
#include <concepts>
#include <deque>
#include <map>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/enum_words.hpp"

namespace gnomon::engine::replay {

template <class T>
concept WithState = requires(T& value) { value.state(); };

template <class T>
struct IsSpan : std::false_type {};
template <class Rep, class Period>
struct IsSpan<std::chrono::duration<Rep, Period>> : std::true_type {};
template <class T>
concept Span = IsSpan<T>::value;

template <class T>
struct IsMoment : std::false_type {};
template <class Clock, class Since>
struct IsMoment<std::chrono::time_point<Clock, Since>> : std::true_type {};
template <class T>
concept Moment = IsMoment<T>::value;

template <class T>
struct IsList : std::false_type {};
template <class T>
struct IsList<std::vector<T>> : std::true_type {};
template <class T>
struct IsList<std::deque<T>> : std::true_type {};
template <class T>
concept List = IsList<T>::value;

template <class T>
struct IsMap : std::false_type {};
template <class Key, class T>
struct IsMap<std::map<Key, T>> : std::true_type {};
template <class T>
concept Map = IsMap<T>::value;

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
concept Optional = IsOptional<T>::value;

template <class T>
struct IsVariant : std::false_type {};
template <class... T>
struct IsVariant<std::variant<T...>> : std::true_type {};
template <class T>
concept Variant = IsVariant<T>::value;

template <class T>
concept Enumeration = std::is_enum_v<T>;

using base::enumerator_count;
using base::is_enumerator;

// Of an aggregate: how many members it has. None: it is nothing that can be written down.
template <class T>
inline constexpr int member_count = -1;

// References to all parts, in their order.
template <class T>
auto parts_of(T& value) {
  constexpr int count = member_count<std::remove_cv_t<T>>;
  if constexpr (WithState<T>) {
    return value.state();
  } else if constexpr (count == 0) {
    return std::tie();
  } else if constexpr (count == 1) {
    auto& [m1] = value;
    return std::tie(m1);
  } else if constexpr (count == 2) {
    auto& [m1, m2] = value;
    return std::tie(m1, m2);
  } else if constexpr (count == 3) {
    auto& [m1, m2, m3] = value;
    return std::tie(m1, m2, m3);
  } else if constexpr (count == 4) {
    auto& [m1, m2, m3, m4] = value;
    return std::tie(m1, m2, m3, m4);
  } else if constexpr (count == 5) {
    auto& [m1, m2, m3, m4, m5] = value;
    return std::tie(m1, m2, m3, m4, m5);
  } else if constexpr (count == 6) {
    auto& [m1, m2, m3, m4, m5, m6] = value;
    return std::tie(m1, m2, m3, m4, m5, m6);
  } else if constexpr (count == 7) {
    auto& [m1, m2, m3, m4, m5, m6, m7] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7);
  } else if constexpr (count == 8) {
    auto& [m1, m2, m3, m4, m5, m6, m7, m8] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7, m8);
  } else if constexpr (count == 9) {
    auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7, m8, m9);
  } else if constexpr (count == 10) {
    auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10);
  } else if constexpr (count == 12) {
    auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12);
  } else if constexpr (count == 14) {
    auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14);
  } else if constexpr (count == 16) {
    auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16);
  } else if constexpr (count == 39) {
    auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21,
           m22, m23, m24, m25, m26, m27, m28, m29, m30, m31, m32, m33, m34, m35, m36, m37, m38, m39] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20,
                    m21, m22, m23, m24, m25, m26, m27, m28, m29, m30, m31, m32, m33, m34, m35, m36, m37, m38,
                    m39);
  } else {
    static_assert(count < 0, "a branch for this number of members is missing here");
  }
}

template <class T>
constexpr std::size_t part_count() {
  return std::tuple_size_v<decltype(parts_of(std::declval<T&>()))>;
}

// function(part) for each, in their order.
template <class T, class Function>
void for_each_part(T& value, Function&& function) {
  std::apply([&](auto&... part) { (function(part), ...); }, parts_of(value));
}

}  // namespace gnomon::engine::replay
