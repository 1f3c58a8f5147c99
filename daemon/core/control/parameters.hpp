// SPDX-License-Identifier: GPL-2.0-or-later
// The parameters of one call, read by name and type. Used by the methods that take some.
#pragma once

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/address.hpp"

namespace gnomon::core::control {

// Whether a list of names with a blank between holds this one.
[[nodiscard]] constexpr bool holds_name(std::string_view names, std::string_view name) {
  for (std::size_t at = 0; at < names.size();) {
    const auto end = std::min(names.find(' ', at), names.size());
    if (names.substr(at, end - at) == name) return true;
    at = end + 1;
  }
  return false;
}

// The first parameter that is missing or not what it must be is remembered; what is read after it counts for
// nothing.
class Parameters {
 public:
  explicit Parameters(const boost::json::object& given) : given_(&given) {}

  [[nodiscard]] bool has(std::string_view name) const {
    const auto* value = given_->if_contains(name);
    return value != nullptr && !value->is_null();
  }
  // Finite, within low..high.
  double number(std::string_view name, double low, double high) {
    const auto* value = given_->if_contains(name);
    boost::json::error_code error;
    const double read = value == nullptr ? NAN : value->to_number<double>(error);
    if (!error && read >= low && read <= high) return read;
    spoil(name);
    return low;
  }
  double number_or(std::string_view name, double otherwise, double low, double high) {
    return has(name) ? number(name, low, high) : otherwise;
  }
  int integer(std::string_view name, int low, int high) {
    const double read = number(name, low, high);
    if (read != std::trunc(read)) spoil(name);
    return static_cast<int>(read);
  }
  int integer_or(std::string_view name, int otherwise, int low, int high) {
    return has(name) ? integer(name, low, high) : otherwise;
  }
  bool truth(std::string_view name) {
    const auto* value = given_->if_contains(name);
    if (value != nullptr && value->is_bool()) return value->get_bool();
    spoil(name);
    return false;
  }
  bool truth_or(std::string_view name, bool otherwise) { return has(name) ? truth(name) : otherwise; }

  // Not empty.
  std::string text(std::string_view name);
  std::string text_or_none(std::string_view name) { return has(name) ? text(name) : std::string{}; }
  // A list of strings.
  std::vector<std::string> words(std::string_view name);
  // One of these.
  std::string word(std::string_view name, std::initializer_list<std::string_view> choices);
  base::IpAddress address(std::string_view name);
  // ADDRESS or ADDRESS/BITS; nullopt: not given.
  std::optional<base::Subnet> subnet_if_any(std::string_view name);

  // The name of the first one that was wrong.
  [[nodiscard]] const std::optional<std::string>& wrong() const { return wrong_; }

 private:
  void spoil(std::string_view name) {
    if (!wrong_) wrong_ = std::string{name};
  }

  const boost::json::object* given_;
  std::optional<std::string> wrong_;
};

}  // namespace gnomon::core::control
