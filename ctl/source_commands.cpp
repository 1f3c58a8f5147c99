// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/source_commands.hpp"

#include <boost/json/array.hpp>
#include <limits>

#include <fmt/ranges.h>

#include "ctl/arguments.hpp"

namespace gnomon::ctl {

namespace json = boost::json;

Made add_source(std::string_view /*name*/, const Words& words) {
  if (words.size() < 2 || (words[0] != "server" && words[0] != "pool" && words[0] != "peer"))
    return std::unexpected("what follows must be server, pool or peer, and a name");
  return MethodCall{.method = "AddSource",
                    .parameters = {{"line", fmt::format("{}", fmt::join(words, " "))}}};
}

Made burst(std::string_view /*name*/, const Words& words) {
  if (words.empty()) return std::unexpected("missing argument");
  constexpr base::NumberRange<int> positive{.low = 1};
  const auto slash = words[0].find('/');
  const bool is_pair = slash != std::string::npos;
  const auto good = is_pair ? base::parse_number(words[0].substr(0, slash), positive) : std::nullopt;
  const auto total = is_pair ? base::parse_number(words[0].substr(slash + 1), positive) : std::nullopt;
  if (!good || !total || *total < *good)
    return std::unexpected(fmt::format("'{}' is not GOOD/MOST, as in 4/8", words[0]));
  return with_subnet({.method = "Burst", .parameters = {{"good", *good}, {"total", *total}}}, words, 1);
}

Made modify_source(std::string_view name, const Words& words) {
  if (auto complaint = count_complaint(words, 2, 2); !complaint.empty()) return std::unexpected(complaint);
  const auto value = number_of(words[1]);
  if (!value) return std::unexpected(value.error());
  return MethodCall{.method = "ModifySource",
                    .parameters = {{"source", words[0]}, {"option", name}, {"value", *value}}};
}

Made ntpdata(std::string_view /*name*/, const Words& words) {
  if (auto complaint = count_complaint(words, 0, 1); !complaint.empty()) return std::unexpected(complaint);
  MethodCall call{.method = "NtpData"};
  if (!words.empty()) call.source = words[0];
  return call;
}

Made select_options(std::string_view /*name*/, const Words& words) {
  if (words.size() < 2) return std::unexpected("missing argument");
  return MethodCall{
      .method = "SelectOptions",
      .parameters = {{"source", words[0]}, {"options", json::array(words.begin() + 1, words.end())}}};
}

Made sourcename(std::string_view /*name*/, const Words& words) {
  if (auto complaint = count_complaint(words, 1, 1); !complaint.empty()) return std::unexpected(complaint);
  return MethodCall{.method = "Sources", .source = words[0]};
}

}  // namespace gnomon::ctl
