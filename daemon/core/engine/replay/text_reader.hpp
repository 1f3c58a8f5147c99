// SPDX-License-Identifier: GPL-2.0-or-later
// Reads what TextWriter has written, value by value: the caller knows what comes. Nothing is believed: a
// number is within its type, an enumerator is one, a list ends. Owned by the reader of a record.
#pragma once

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "daemon/core/engine/replay/members.hpp"

namespace gnomon::engine::replay {

class TextReader {
 public:
  // older: it may have been written when structures had fewer members; the last ones stay as they are then.
  explicit TextReader(std::string_view text, bool older = false) : rest_(text), older_(older) {}

  // Exactly that is next, and is passed over.
  [[nodiscard]] bool skip(std::string_view literal);
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }
  // False: that is not what is next; `value` may be anything then.
  template <class T>
  [[nodiscard]] bool take(T& value);

 private:
  [[nodiscard]] bool take_text(std::string& value);
  [[nodiscard]] bool take_number(double& value);
  [[nodiscard]] bool take_address(base::IpAddress& value);
  template <class Integer>
  [[nodiscard]] bool take_integer(Integer& value);
  // Calls element() for each element of a list; it reads one.
  template <class Function>
  [[nodiscard]] bool take_list(Function&& element);
  template <Map T>
  [[nodiscard]] bool take_map(T& map);
  template <Variant T>
  [[nodiscard]] bool take_variant(T& value);
  template <class T>
  [[nodiscard]] bool take_parts(T& value);
  template <class T>
  [[nodiscard]] bool take_compound(T& value);

  std::string_view rest_;
  bool older_;
};

template <class Integer>
bool TextReader::take_integer(Integer& value) {
  const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
  if (error != std::errc{}) return false;
  rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
  return true;
}

template <class Function>
bool TextReader::take_list(Function&& element) {
  if (!skip("[")) return false;
  if (skip("]")) return true;
  do
    if (!element()) return false;
  while (skip(","));
  return skip("]");
}

template <Map T>
bool TextReader::take_map(T& map) {
  map.clear();
  return take_list([&] {
    typename T::key_type key{};
    typename T::mapped_type value{};
    if (!skip("[") || !take(key) || !skip(",") || !take(value) || !skip("]")) return false;
    return map.emplace(std::move(key), std::move(value)).second;
  });
}

template <Variant T>
bool TextReader::take_variant(T& value) {
  std::size_t index = 0;
  if (!skip("[") || !take_integer(index) || !skip(",")) return false;
  const auto take_as = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
    return index == I && take(value.template emplace<I>());
  };
  const bool taken = [&]<std::size_t... I>(std::index_sequence<I...>) {
    return (take_as(std::integral_constant<std::size_t, I>{}) || ...);
  }(std::make_index_sequence<std::variant_size_v<T>>{});
  return taken && skip("]");
}

template <class T>
bool TextReader::take_parts(T& value) {
  bool good = skip("[");
  bool first = true;
  for_each_part(value, [&](auto& part) {
    if (!good || std::is_pointer_v<std::remove_cvref_t<decltype(part)>>) return;
    if (older_ && rest_.starts_with(']')) return;
    good = (std::exchange(first, false) || skip(",")) && take(part);
  });
  return good && skip("]");
}

template <class T>
bool TextReader::take_compound(T& value) {
  if constexpr (Optional<T>) {
    value.reset();
    if (skip("null")) return true;
    typename T::value_type present{};
    const bool taken = take(present);
    value = std::move(present);
    return taken;
  } else if constexpr (Map<T>) {
    return take_map(value);
  } else if constexpr (Variant<T>) {
    return take_variant(value);
  } else if constexpr (List<T>) {
    value.clear();
    return take_list([&] { return take(value.emplace_back()); });
  } else if constexpr (requires {
                         std::tuple_size<T>::value;
                         value.size();
                       }) {
    std::size_t count = 0;
    const auto take_next = [&] {
      if (count == value.size()) return false;
      return take(value[count++]);
    };
    return take_list(take_next) && count == value.size();
  } else {
    return take_parts(value);
  }
}

template <class T>
bool TextReader::take(T& value) {
  if constexpr (std::is_pointer_v<T>) {
    return true;
  } else if constexpr (std::is_same_v<T, bool>) {
    value = skip("true");
    return value || skip("false");
  } else if constexpr (std::is_integral_v<T>) {
    return take_integer(value);
  } else if constexpr (std::is_floating_point_v<T>) {
    return take_number(value);
  } else if constexpr (Enumeration<T>) {
    int number = 0;
    if (!take_integer(number) || !is_enumerator<T>(number)) return false;
    value = static_cast<T>(number);
    return true;
  } else if constexpr (std::is_same_v<T, std::string>) {
    return take_text(value);
  } else if constexpr (Span<T>) {
    typename T::rep count{};
    if (!take(count)) return false;
    value = T{count};
    return true;
  } else if constexpr (Moment<T>) {
    typename T::duration since{};
    if (!take(since)) return false;
    value = T{since};
    return true;
  } else if constexpr (std::is_same_v<T, base::IpAddress>) {
    return take_address(value);
  } else {
    return take_compound(value);
  }
}

}  // namespace gnomon::engine::replay
