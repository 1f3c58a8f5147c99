// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/source_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <boost/json/array.hpp>
#include <charconv>
#include <optional>

#include "base/address.hpp"

namespace gnomon::ctl {

namespace json = boost::json;

namespace {

using Words = std::vector<std::string>;
using Made = std::expected<MethodCall, std::string>;

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// 255.255.255.0 is 24; a mask with holes is none.
std::optional<int> bits_of(const base::IpAddress& mask) {
  int bits = 0;
  bool ended = false;
  for (const std::uint8_t octet : mask.bytes()) {
    const int ones = std::countl_one(octet);
    if ((ended && octet != 0) || std::popcount(octet) != ones) return std::nullopt;
    bits += ones;
    ended = ended || ones < 8;
  }
  return bits;
}

// chronyc's ADDRESS, ADDRESS/BITS and MASK/ADDRESS as ADDRESS[/BITS].
std::optional<std::string> subnet_of(const std::string& text) {
  const auto slash = text.find('/');
  const auto first = base::parse_address(text.substr(0, slash));
  if (!first) return std::nullopt;
  if (slash == std::string::npos || number<int>(text.substr(slash + 1))) return text;
  const auto second = base::parse_address(text.substr(slash + 1));
  const auto bits = bits_of(*first);
  if (!second || !bits || first->family != second->family) return std::nullopt;
  return fmt::format("{}/{}", base::to_string(*second), *bits);
}

Made with_subnet(MethodCall call, const Words& words, std::size_t at) {
  if (words.size() == at) return call;
  if (words.size() > at + 1) return std::unexpected(fmt::format("'{}' is too much", words[at + 1]));
  const auto subnet = subnet_of(words[at]);
  if (!subnet) return std::unexpected(fmt::format("'{}' is no address and no MASK/ADDRESS", words[at]));
  call.parameters["within"] = *subnet;
  return call;
}

Made without_arguments(std::string method, const Words& words) {
  if (!words.empty()) return std::unexpected(fmt::format("'{}' is too much", words[0]));
  return MethodCall{std::move(method), {}};
}

Made burst(std::string_view /*name*/, const Words& words) {
  const auto slash = words.empty() ? std::string::npos : words[0].find('/');
  if (slash == std::string::npos) return std::unexpected("it wants GOOD/MOST, as in burst 4/8");
  const auto good = number<int>(words[0].substr(0, slash));
  const auto total = number<int>(words[0].substr(slash + 1));
  if (!good || !total || *good < 1 || *total < *good)
    return std::unexpected(fmt::format("'{}' is not GOOD/MOST, as in 4/8", words[0]));
  return with_subnet({"Burst", {{"good", *good}, {"total", *total}}}, words, 1);
}

Made modify(std::string_view name, const Words& words) {
  if (words.size() != 2) return std::unexpected("it wants SOURCE VALUE");
  const auto value = number<double>(words[1]);
  if (!value) return std::unexpected(fmt::format("'{}' is no number", words[1]));
  return MethodCall{"ModifySource", {{"source", words[0]}, {"option", name}, {"value", *value}}};
}

Made add(std::string_view /*name*/, const Words& words) {
  if (words.size() < 2 || (words[0] != "server" && words[0] != "pool" && words[0] != "peer"))
    return std::unexpected("it wants server, pool or peer, a NAME, and options");
  return MethodCall{"AddSource", {{"line", fmt::format("{}", fmt::join(words, " "))}}};
}

Made remove(std::string_view /*name*/, const Words& words) {
  if (words.size() != 1) return std::unexpected("it wants one SOURCE");
  return MethodCall{"DeleteSource", {{"source", words[0]}}};
}

Made on_sources(std::string_view name, const Words& words) {
  if (words != Words{"sources"}) return std::unexpected("it wants the word sources");
  return MethodCall{name == "reload" ? "ReloadSources" : "ResetSources", {}};
}

Made select_options(std::string_view /*name*/, const Words& words) {
  if (words.size() < 2) return std::unexpected("it wants SOURCE and options like +prefer or -trust");
  json::array options;
  for (std::size_t i = 1; i < words.size(); ++i) options.emplace_back(words[i]);
  return MethodCall{"SelectOptions", {{"source", words[0]}, {"options", std::move(options)}}};
}

struct SourceRow : SourceCommandWord {
  Made (*make)(std::string_view name, const Words& words);
};

constexpr std::array rows{
    SourceRow{
        {"add", "server|pool|peer NAME [OPTION]...", "Add a source, as a line of the configuration would"},
        add},
    SourceRow{{"burst", "GOOD/MOST [MASK/ADDRESS]", "Measure quickly until GOOD measurements were good"},
              burst},
    SourceRow{{"delete", "SOURCE", "Remove a source"}, remove},
    SourceRow{{"dump", "", "Write measurements, frequency and keys to their files"},
              [](std::string_view, const Words& w) { return without_arguments("Dump", w); }},
    SourceRow{{"maxdelay", "SOURCE SECONDS", "Change the longest round trip that counts"}, modify},
    SourceRow{{"maxdelaydevratio", "SOURCE RATIO", "Change the limit of the delay over its deviation"},
              modify},
    SourceRow{{"maxdelayratio", "SOURCE RATIO", "Change the limit of the delay over the smallest one"},
              modify},
    SourceRow{{"maxpoll", "SOURCE LOG2", "Change the longest poll interval"}, modify},
    SourceRow{{"minpoll", "SOURCE LOG2", "Change the shortest poll interval"}, modify},
    SourceRow{{"minstratum", "SOURCE STRATUM", "Change the stratum the source is raised to"}, modify},
    SourceRow{{"offline", "[MASK/ADDRESS]", "Send nothing to all sources, or to these"},
              [](std::string_view, const Words& w) { return with_subnet({"Offline", {}}, w, 0); }},
    SourceRow{{"online", "[MASK/ADDRESS]", "Ask all sources again, or these"},
              [](std::string_view, const Words& w) { return with_subnet({"Online", {}}, w, 0); }},
    SourceRow{{"onoffline", "", "Each source on or off line, as the network has a way to it"},
              [](std::string_view, const Words& w) { return without_arguments("OnOffline", w); }},
    SourceRow{{"polltarget", "SOURCE SAMPLES", "Change how many samples the intervals aim at"}, modify},
    SourceRow{{"refresh", "", "Look the names of the sources up again"},
              [](std::string_view, const Words& w) { return without_arguments("Refresh", w); }},
    SourceRow{{"reload", "sources", "Read the sourcedirs again"}, on_sources},
    SourceRow{{"reset", "sources", "Drop all measurements"}, on_sources},
    SourceRow{{"selectopts", "SOURCE +|-OPTION...", "Change noselect, prefer, trust, require"},
              select_options},
};

constexpr auto words = [] {
  std::array<SourceCommandWord, rows.size()> list{};
  std::ranges::copy(rows, list.begin());
  return list;
}();

}  // namespace

std::span<const SourceCommandWord> source_command_list() {
  return words;
}

Made make_source_command(std::string_view name, const Words& arguments) {
  for (const SourceRow& order : rows)
    if (name == order.name) return order.make(name, arguments);
  return std::unexpected("it is no command");
}

}  // namespace gnomon::ctl
