// SPDX-License-Identifier: GPL-2.0-or-later
// chronyc's commands that change something, from their words to a call of the daemon. Pure functions.
#pragma once

#include <boost/json/object.hpp>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gnomon::ctl {

struct OrderCall {
  std::string method;  // of io.gnomon.Control
  boost::json::object parameters;
};

struct OrderWord {
  const char* name;       // the first word
  const char* arguments;  // as help shows them
  const char* description;
};
[[nodiscard]] std::span<const OrderWord> order_words();

// Error: what is wrong with the arguments, a clause.
[[nodiscard]] std::expected<OrderCall, std::string> make_order(std::string_view name,
                                                               const std::vector<std::string>& arguments);

}  // namespace gnomon::ctl
