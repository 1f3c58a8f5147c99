// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/replay/words.hpp"

#include <fmt/format.h>
#include <algorithm>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace gnomon::ctl {

namespace {

namespace json = boost::json;

std::string plain(const json::value& value) {
  if (value.is_string()) return std::string{value.get_string()};
  if (value.is_double()) return fmt::format("{:.6g}", value.get_double());
  return json::serialize(value);
}

std::string spaced(std::string_view name) {
  std::string text{name};
  std::ranges::replace(text, '_', ' ');
  return text;
}

// "max_error_ns" becomes "max error 15 ns".
std::string quantity(std::string_view name, const json::value& value) {
  for (const std::string_view unit : {"ppm", "ns", "s"})
    if (name.ends_with(fmt::format("_{}", unit)))
      return fmt::format("{} {} {}", spaced(name.substr(0, name.size() - unit.size() - 1)), plain(value),
                         unit);
  return fmt::format("{} {}", spaced(name), plain(value));
}

std::string command_words(const json::object& command) {
  std::string text;
  for (const auto& member : command)
    text += member.key() == "command" ? "clock: " + plain(member.value())
                                      : ", " + quantity(member.key(), member.value());
  return text;
}

std::string verdict_words(const json::object& verdict) {
  const auto member = [&verdict](const char* name) {
    const auto* const value = verdict.if_contains(name);
    return value == nullptr ? std::string{} : plain(*value);
  };
  const auto name = member("name").empty() ? "source " + member("source") : member("name");
  const auto reason = member("reason");
  return fmt::format("{} is {}{}", name, member("state"), reason.empty() ? "" : ", " + reason);
}

std::string note_words(const json::object& note) {
  const auto* const text = note.if_contains("text");
  return text == nullptr ? std::string{} : plain(*text);
}

void add_all(std::vector<std::string>& lines, const json::value& list,
             std::string (*words)(const json::object&)) {
  if (!list.is_array()) return;
  for (const auto& element : list.get_array())
    if (element.is_object()) lines.push_back(words(element.get_object()));
}

}  // namespace

std::vector<std::string> words_of(std::string_view decided) {
  std::vector<std::string> lines;
  json::error_code error;
  const auto parsed = json::parse(json::string_view{decided.data(), decided.size()}, error);
  if (error || !parsed.is_object()) return {std::string{decided}};
  for (const auto& member : parsed.get_object()) {
    if (member.key() == "commands")
      add_all(lines, member.value(), command_words);
    else if (member.key() == "verdicts")
      add_all(lines, member.value(), verdict_words);
    else if (member.key() == "notes")
      add_all(lines, member.value(), note_words);
    else
      lines.push_back(quantity(member.key(), member.value()));
  }
  return lines;
}

}  // namespace gnomon::ctl
