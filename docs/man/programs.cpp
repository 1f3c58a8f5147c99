// SPDX-License-Identifier: GPL-2.0-or-later
// Options and commands, from the tables by which the programs read their command lines.
#include <fmt/format.h>

#include "config/command_line.hpp"
#include "ctl/command.hpp"
#include "ctl/command_line.hpp"
#include "docs/man/page.hpp"

namespace gnomon::man {

namespace {

std::string entry(std::string_view word, std::string_view argument, std::string_view text) {
  return fmt::format(".TP\n\\fB{}\\fR{}\n{}\n", escaped(word),
                     argument.empty() ? "" : fmt::format(" \\fI{}\\fR", escaped(argument)), escaped(text));
}

// The table has headlines; here they are sentences.
std::string sentence(const std::string& headline) {
  return headline.ends_with('.') ? headline : headline + '.';
}

}  // namespace

Items daemon_options() {
  Items items;
  for (const auto& option : config::option_rows()) {
    std::string text = entry(fmt::format("-{}", option.letter), option.argument, option.text);
    if (!option.default_value.empty()) text += fmt::format("Default: {}.\n", escaped(option.default_value));
    if (!option.effect) text += "\\fINo effect in this version.\\fR\n";
    items.push_back({.name = fmt::format("-{}", option.letter), .text = std::move(text)});
  }
  return items;
}

Items control_options() {
  Items items;
  for (const auto& option : ctl::option_words())
    items.push_back(
        {.name = option.name, .text = entry(option.name, option.arguments, sentence(option.description))});
  return items;
}

Items control_commands() {
  Items items;
  for (const auto& command : ctl::commands())
    items.push_back(
        {.name = command.name, .text = entry(command.name, command.arguments, sentence(command.help))});
  return items;
}

}  // namespace gnomon::man
