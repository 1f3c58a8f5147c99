// SPDX-License-Identifier: GPL-2.0-or-later
// Any value of the engine as JSON, exactly, but for its numbers, which somebody else writes out
// (raw_text.hpp); structures are lists of their parts in order. TextReader reads it again. Stateless.
#pragma once

#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/raw_text.hpp"
#include "daemon/core/engine/replay/members.hpp"

namespace gnomon::engine::replay {

// With its quotes; control characters escaped.
void append_quoted(base::RawText& out, std::string_view text);

template <class T>
void append(base::RawText& out, const T& value);

namespace detail {

// Most are short, and written out as quickly as not; times are not.
template <class Integer>
void append_integer(base::RawText& out, Integer value) {
  if constexpr (std::is_same_v<Integer, std::int64_t>) return out.add(value);
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out += std::string_view{digits.data(), end};
}

inline void append_address(base::RawText& out, const base::IpAddress& address) {
  out += '"';
  out.add(address);
  out += '"';
}

template <class Range, class Function>
void append_list(base::RawText& out, const Range& range, Function&& function) {
  out += '[';
  bool first = true;
  for (const auto& element : range) {
    if (!std::exchange(first, false)) out += ',';
    function(element);
  }
  out += ']';
}

template <class T>
void append_parts(base::RawText& out, const T& value) {
  out += '[';
  bool first = true;
  for_each_part(value, [&](const auto& part) {
    if (std::is_pointer_v<std::remove_cvref_t<decltype(part)>>) return;
    if (!std::exchange(first, false)) out += ',';
    append(out, part);
  });
  out += ']';
}

template <Map T>
void append_map(base::RawText& out, const T& map) {
  append_list(out, map, [&](const auto& entry) {
    out += '[';
    append(out, entry.first);
    out += ',';
    append(out, entry.second);
    out += ']';
  });
}

template <Variant T>
void append_variant(base::RawText& out, const T& value) {
  out += '[';
  append_integer(out, value.index());
  out += ',';
  std::visit([&](const auto& alternative) { append(out, alternative); }, value);
  out += ']';
}

}  // namespace detail

template <class T>
void append(base::RawText& out, const T& value) {
  if constexpr (std::is_pointer_v<T>)
    return;  // whoever owns it finds again what it points to
  else if constexpr (std::is_same_v<T, bool>)
    out += value ? "true" : "false";
  else if constexpr (std::is_integral_v<T>)
    detail::append_integer(out, value);
  else if constexpr (std::is_floating_point_v<T>)
    out.add(static_cast<double>(value));
  else if constexpr (Enumeration<T>)
    detail::append_integer(out, static_cast<int>(value));
  else if constexpr (std::is_convertible_v<T, std::string_view>)
    append_quoted(out, value);
  else if constexpr (Span<T>)
    append(out, value.count());
  else if constexpr (Moment<T>)
    append(out, value.time_since_epoch().count());
  else if constexpr (std::is_same_v<T, base::IpAddress>)
    detail::append_address(out, value);
  else if constexpr (Optional<T>)
    value ? append(out, *value) : static_cast<void>(out += "null");
  else if constexpr (Map<T>)
    detail::append_map(out, value);
  else if constexpr (Variant<T>)
    detail::append_variant(out, value);
  else if constexpr (List<T> || requires {
                       std::tuple_size<T>::value;
                       value.size();
                     })
    detail::append_list(out, value, [&](const auto& element) { append(out, element); });
  else
    detail::append_parts(out, value);
}

}  // namespace gnomon::engine::replay
