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

// Prints the names of the sources; nothing when there is no daemon.
constexpr std::string_view source_names = "gnomonctl -c -N sources -a 2>/dev/null | cut -d, -f3";

std::string commands_with_source(std::string_view between) {
  std::vector<std::string> names;
  for (const auto& command : ctl::commands())
    if (ctl::takes_word(command, "SOURCE")) names.emplace_back(command.name);
  return fmt::format("{}", fmt::join(names, between));
}

std::string joined_options() {
  std::vector<std::string> words;
  for (const auto& option : ctl::option_words())
    for (auto& name : names_of(option)) words.push_back(std::move(name));
  return fmt::format("{}", fmt::join(words, " "));
}

std::string joined_commands() {
  std::vector<std::string> words;
  for (const auto& command : ctl::commands()) words.emplace_back(command.name);
  return fmt::format("{}", fmt::join(words, " "));
}

bool is_file(std::string_view value) {
  return value == "FILE" || value == "PATH";
}

// The options of a command whose values are files, or those whose values are something else.
std::vector<std::string> options_with(const ctl::Command& command, bool files) {
  std::vector<std::string> names;
  for (const auto& each : ctl::value_options_of(command))
    if (is_file(each.value) == files) names.push_back(each.option);
  return names;
}

struct WordsAfter {
  std::vector<std::string> choices;
  bool sources;
  bool names;  // of commands
  bool file;
};

WordsAfter words_after(const ctl::Command& command) {
  return {ctl::choices_of(command), ctl::takes_word(command, "SOURCE"), ctl::takes_word(command, "COMMAND"),
          ctl::takes_word(command, "FILE")};
}

// In a function of bash: what may follow a command, wherever its options stand.
void bash_command(const ctl::Command& command) {
  const auto [choices, sources, names, file] = words_after(command);
  if (choices.empty() && !sources && !names && !file) return;
  fmt::print("    {})\n", command.name);
  if (const auto with_file = options_with(command, true); !with_file.empty())
    fmt::print("      case \"$previous\" in {}) _gnomonctl_files; return ;; esac\n",
               fmt::join(with_file, "|"));
  if (const auto with_value = options_with(command, false); !with_value.empty())
    fmt::print("      case \"$previous\" in {}) return ;; esac\n", fmt::join(with_value, "|"));
  fmt::print("      words='{}'\n", fmt::join(choices, " "));
  if (sources) fmt::print("      words+=\" $({})\"\n", source_names);
  if (names) fmt::print("      words='{}'\n", joined_commands());
  if (file) fmt::print("      [[ $current == -* ]] || {{ _gnomonctl_files; return; }}\n");
  fmt::print("      ;;\n");
}

void bash() {
  std::vector<std::string> values;
  for (const auto& option : ctl::option_words())
    if (!option.arguments.empty())
      for (auto& name : names_of(option)) values.push_back(std::move(name));
  fmt::print(
      "# bash completion for gnomonctl\n"
      "_gnomonctl_files() {{\n"
      "  compopt -o filenames 2>/dev/null\n"
      "  mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
      "}}\n"
      "_gnomonctl() {{\n"
      "  local current=\"${{COMP_WORDS[COMP_CWORD]}}\" previous=\"${{COMP_WORDS[COMP_CWORD-1]}}\" command='' "
      "words='' i\n"
      "  [[ $previous == --socket ]] && {{ _gnomonctl_files; return; }}\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case \"${{COMP_WORDS[i]}}\" in\n"
      "      {}) ((i++)) ;;\n"
      "      -*) ;;\n"
      "      *) command=\"${{COMP_WORDS[i]}}\"; break ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$command\" in\n"
      "    '') words='{} {}' ;;\n",
      fmt::join(values, "|"), joined_options(), joined_commands());
  for (const auto& command : ctl::commands()) bash_command(command);
  fmt::print(
      "  esac\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
      "}}\n"
      "complete -F _gnomonctl gnomonctl\n");
}

// What takes a value in zsh's terms: ":PATH:_files".
std::string zsh_value(const ctl::OptionWord& option) {
  if (option.arguments.empty()) return "";
  return fmt::format(":value:{}", is_file(option.arguments) ? "_files" : "");
}

// In a case of zsh; behind the command, of which $words begins with.
void zsh_command(const ctl::Command& command) {
  const auto [choices, sources, names, file] = words_after(command);
  if (choices.empty() && !sources && !names && !file) return;
  fmt::print("      {})\n", command.name);
  if (const auto with_file = options_with(command, true); !with_file.empty())
    fmt::print("        [[ $words[CURRENT-1] == ({}) ]] && {{ _files; return }}\n",
               fmt::join(with_file, "|"));
  if (const auto with_value = options_with(command, false); !with_value.empty())
    fmt::print("        [[ $words[CURRENT-1] == ({}) ]] && return\n", fmt::join(with_value, "|"));
  if (file) fmt::print("        [[ $PREFIX == -* ]] || {{ _files; return }}\n");
  if (!choices.empty()) fmt::print("        compadd -- {}\n", fmt::join(choices, " "));
  if (sources) fmt::print("        compadd -- ${{(f)\"$({})\"}}\n", source_names);
  if (names) fmt::print("        _describe command commands\n");
  fmt::print("        ;;\n");
}

void zsh() {
  fmt::print(
      "#compdef gnomonctl\nlocal context state state_descr line\ntypeset -A opt_args\nlocal -a "
      "commands\ncommands=(\n");
  for (const auto& command : ctl::commands())
    fmt::print("  {}\n", in_quotes(fmt::format("{}:{}", command.name, command.help)));
  fmt::print(")\n_arguments -C -A '-*' \\\n");
  for (const auto& option : ctl::option_words())
    for (const auto& name : names_of(option))
      fmt::print("  {} \\\n",
                 in_quotes(fmt::format("{}[{}]{}", name, option.description, zsh_value(option))));
  fmt::print(
      "  '1:command:->command' '*::word:->word'\n"
      "case $state in\n"
      "  command) _describe command commands ;;\n"
      "  word)\n"
      "    case $words[1] in\n");
  for (const auto& command : ctl::commands()) zsh_command(command);
  fmt::print("    esac\n    ;;\nesac\n");
}

// What may follow a command; files where its synopsis says so.
void fish_command(const ctl::Command& command) {
  const auto begin = fmt::format("complete -c gnomonctl -n '__fish_seen_subcommand_from {}'", command.name);
  const auto values = ctl::value_options_of(command);
  for (const auto& word : ctl::choices_of(command)) {
    if (!word.starts_with('-') || word == "-") {
      fmt::print("{} -a {}\n", begin, word);
      continue;
    }
    const auto value = std::ranges::find(values, word, &ctl::ValueOption::option);
    const char* const follows = value == values.end() ? "" : is_file(value->value) ? " -r -F" : " -x";
    const bool is_long = word.starts_with("--");
    fmt::print("{} -{} {}{}\n", begin, is_long ? "l" : "s", word.substr(is_long ? 2 : 1), follows);
  }
  if (ctl::takes_word(command, "FILE")) fmt::print("{} -F\n", begin);
  if (ctl::takes_word(command, "COMMAND")) fmt::print("{} -a '{}'\n", begin, joined_commands());
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
  for (const auto& command : ctl::commands()) fish_command(command);
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
