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

struct MethodCall {
  std::string method;  // of io.gnomon.Control
  boost::json::object parameters;
};

struct SourceCommandWord {
  const char* name;       // the first word
  const char* arguments;  // as help shows them
  const char* description;
};
[[nodiscard]] std::span<const SourceCommandWord> source_command_list();

// Error: what is wrong with the arguments, a clause.
[[nodiscard]] std::expected<MethodCall, std::string> make_source_command(
    std::string_view name, const std::vector<std::string>& arguments);

}  // namespace gnomon::ctl
