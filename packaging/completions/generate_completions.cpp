// SPDX-License-Identifier: GPL-2.0-or-later
// Prints the completions of gnomonctl for one shell, from the table that parses its command line.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ctl/command.hpp"
#include "ctl/command_completion.hpp"
#include "ctl/command_line.hpp"

namespace {

namespace ctl = gnomon::ctl;

// In single quotes, as each of the shells reads them.
std::string in_quotes(std::string_view text) {
  std::string result{"'"};
  for (const char c : text) result += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return result + "'";
}

// "-v, --version" gives "-v" and "--version".
std::vector<std::string> names_of(const ctl::OptionWord& option) {
  std::vector<std::string> names;
  for (std::string_view rest = option.name; !rest.empty();) {
    const auto end = std::min(rest.find(','), rest.size());
    names.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(rest.find_first_not_of(", ", end), rest.size()));
  }
  return names;
}

// Whether a source may follow.
bool takes_source(const ctl::Command& command) {
  return std::string_view{command.arguments}.contains("SOURCE");
}

// Prints the names of the sources; nothing when there is no daemon.
constexpr std::string_view source_names = "gnomonctl -c -N sources -a 2>/dev/null | cut -d, -f3";

std::string commands_with_source(std::string_view between) {
  std::vector<std::string> names;
  for (const auto& command : ctl::commands())
    if (takes_source(command)) names.emplace_back(command.name);
  return fmt::format("{}", fmt::join(names, between));
}

std::string all_words() {
  std::vector<std::string> words;
  for (const auto& option : ctl::option_words())
    for (auto& name : names_of(option)) words.push_back(std::move(name));
  for (const auto& command : ctl::commands()) words.emplace_back(command.name);
  return fmt::format("{}", fmt::join(words, " "));
}

void bash() {
  fmt::print(
      "# bash completion for gnomonctl\n"
      "_gnomonctl() {{\n"
      "  local current=\"${{COMP_WORDS[COMP_CWORD]}}\" previous=\"${{COMP_WORDS[COMP_CWORD-1]}}\"\n"
      "  case \"$previous\" in\n"
      "    --socket) mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); return ;;\n");
  for (const auto& command : ctl::commands())
    if (const auto choices = ctl::choices_of(command); !choices.empty())
      fmt::print("    {}) mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$current\"); return ;;\n",
                 command.name, fmt::join(choices, " "));
  fmt::print("    {}) mapfile -t COMPREPLY < <(compgen -W \"$({})\" -- \"$current\"); return ;;\n",
             commands_with_source("|"), source_names);
  fmt::print(
      "  esac\n"
      "  mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$current\")\n"
      "}}\n"
      "complete -F _gnomonctl gnomonctl\n",
      all_words());
}

// What takes a value in zsh's terms: ":PATH:_files".
std::string zsh_value(const ctl::OptionWord& option) {
  if (option.arguments.empty()) return "";
  const bool is_file = option.arguments == "PATH" || option.arguments == "FILE";
  return fmt::format(":value:{}", is_file ? "_files" : "");
}

void zsh() {
  fmt::print("#compdef gnomonctl\nlocal -a commands\ncommands=(\n");
  for (const auto& command : ctl::commands())
    fmt::print("  {}\n", in_quotes(fmt::format("{}:{}", command.name, command.help)));
  fmt::print(")\n_arguments \\\n");
  for (const auto& option : ctl::option_words())
    for (const auto& name : names_of(option))
      fmt::print("  {} \\\n",
                 in_quotes(fmt::format("{}[{}]{}", name, option.description, zsh_value(option))));
  fmt::print(
      "  '1:command:{{_describe command commands}}' '*:word:{{[[ $words[CURRENT-1] == ({}) ]] && compadd -- "
      "${{(f)\"$({})\"}}}}'\n",
      commands_with_source("|"), source_names);
}

void fish() {
  fmt::print("complete -c gnomonctl -f\n");
  for (const auto& option : ctl::option_words())
    for (const auto& name : names_of(option)) {
      const bool is_long = name.starts_with("--");
      fmt::print("complete -c gnomonctl -{} {}{} -d {}\n", is_long ? "l" : "s", name.substr(is_long ? 2 : 1),
                 option.arguments.empty() ? "" : " -r -F", in_quotes(option.description));
    }
  for (const auto& command : ctl::commands())
    fmt::print("complete -c gnomonctl -n __fish_use_subcommand -a {} -d {}\n", command.name,
               in_quotes(command.help));
  fmt::print("complete -c gnomonctl -n '__fish_seen_subcommand_from {}' -a '({})'\n",
             commands_with_source(" "), source_names);
}

}  // namespace

int main(int count, char** arguments) {
  const std::string_view shell = count == 2 ? arguments[1] : "";
  if (shell == "bash") {
    bash();
  } else if (shell == "zsh") {
    zsh();
  } else if (shell == "fish") {
    fish();
  } else {
    fmt::print(stderr, "usage: generate-completions bash|zsh|fish\n");
    return 1;
  }
  return 0;
}
