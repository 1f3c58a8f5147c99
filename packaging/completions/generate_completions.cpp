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

// Prints the names of the sources; nothing when there is no daemon. They are the daemon's words, and a
// compromised one says what it likes: only what can neither be expanded by a shell nor be an option comes
// through.
constexpr std::string_view source_names =
    "gnomonctl -c -N sources -a 2>/dev/null | cut -d, -f3 | "
    "LC_ALL=C command grep -x \"[0-9A-Za-z_.:%][0-9A-Za-z_.:%-]*\"";

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

// Of those that stand before the command, likewise.
std::vector<std::string> options_with(bool files) {
  std::vector<std::string> names;
  for (const auto& option : ctl::option_words())
    if (!option.arguments.empty() && is_file(option.arguments) == files)
      for (auto& name : names_of(option)) names.push_back(std::move(name));
  return names;
}

// All that have a value, which is no command.
std::vector<std::string> options_with_value() {
  auto names = options_with(true);
  for (auto& name : options_with(false)) names.push_back(std::move(name));
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
  if (sources) fmt::print("      sources=yes\n");
  if (names) fmt::print("      words='{}'\n", joined_commands());
  if (file) fmt::print("      [[ $current == -* ]] || {{ _gnomonctl_files; return; }}\n");
  fmt::print("      ;;\n");
}

void bash() {
  fmt::print(
      "# bash completion for gnomonctl\n"
      "_gnomonctl_files() {{\n"
      "  compopt -o filenames 2>/dev/null\n"
      "  mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
      "}}\n"
      "# compgen -W expands its words, so none of the daemon's may be among them.\n"
      "_gnomonctl_sources() {{\n"
      "  local name\n"
      "  while read -r name; do\n"
      "    [[ $name != \"$current\"* ]] || COMPREPLY+=(\"$name\")\n"
      "  done < <({})\n"
      "}}\n"
      "_gnomonctl() {{\n"
      "  local current=\"${{COMP_WORDS[COMP_CWORD]}}\" previous=\"${{COMP_WORDS[COMP_CWORD-1]}}\" command='' "
      "words='' sources='' i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case \"${{COMP_WORDS[i]}}\" in\n"
      "      {}) ((i++)) ;;\n"
      "      -*) ;;\n"
      "      *) command=\"${{COMP_WORDS[i]}}\"; break ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$command:$previous\" in\n"
      "    :{}) _gnomonctl_files; return ;;\n"
      "    :{}) return ;;\n"
      "  esac\n"
      "  case \"$command\" in\n"
      "    '') words='{} {}' ;;\n",
      source_names, fmt::join(options_with_value(), "|"), fmt::join(options_with(true), "|:"),
      fmt::join(options_with(false), "|:"), joined_options(), joined_commands());
  for (const auto& command : ctl::commands()) bash_command(command);
  fmt::print(
      "  esac\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
      "  [[ -z $sources ]] || _gnomonctl_sources\n"
      "}}\n"
      "complete -F _gnomonctl gnomonctl\n");
}

// In a case of zsh: what may follow a command.
void zsh_command(const ctl::Command& command) {
  const auto [choices, sources, names, file] = words_after(command);
  if (choices.empty() && !sources && !names && !file) return;
  fmt::print("  {})\n", command.name);
  if (const auto with_file = options_with(command, true); !with_file.empty())
    fmt::print("    [[ $previous == ({}) ]] && {{ _files; return }}\n", fmt::join(with_file, "|"));
  if (const auto with_value = options_with(command, false); !with_value.empty())
    fmt::print("    [[ $previous == ({}) ]] && return\n", fmt::join(with_value, "|"));
  if (file) fmt::print("    [[ $PREFIX == -* ]] || {{ _files; return }}\n");
  if (!choices.empty()) fmt::print("    compadd -- {}\n", fmt::join(choices, " "));
  if (sources) fmt::print("    compadd -- ${{(f)\"$({})\"}}\n", source_names);
  if (names) fmt::print("    _describe command commands\n");
  fmt::print("    ;;\n");
}

void zsh() {
  fmt::print(
      "#compdef gnomonctl\nlocal command='' previous=$words[CURRENT-1] i\nlocal -a commands "
      "options\ncommands=(\n");
  for (const auto& command : ctl::commands())
    fmt::print("  {}\n", in_quotes(fmt::format("{}:{}", command.name, command.help)));
  fmt::print(")\noptions=(\n");
  for (const auto& option : ctl::option_words())
    for (const auto& name : names_of(option))
      fmt::print("  {}\n", in_quotes(fmt::format("{}:{}", name, option.description)));
  fmt::print(
      ")\n"
      "for ((i = 2; i < CURRENT; i++)); do\n"
      "  case $words[i] in\n"
      "    {}) ((i++)) ;;\n"
      "    -*) ;;\n"
      "    *) command=$words[i]; break ;;\n"
      "  esac\n"
      "done\n"
      "if [[ -z $command ]]; then\n"
      "  [[ $previous == ({}) ]] && {{ _files; return }}\n"
      "  [[ $previous == ({}) ]] && return\n"
      "fi\n"
      "case $command in\n"
      "  '')\n"
      "    _describe -o option options\n"
      "    _describe command commands\n"
      "    ;;\n",
      fmt::join(options_with_value(), "|"), fmt::join(options_with(true), "|"),
      fmt::join(options_with(false), "|"));
  for (const auto& command : ctl::commands()) zsh_command(command);
  fmt::print("esac\n");
}

// "-l since" or "-s o", in fish's terms.
std::string fish_option(std::string_view name) {
  const bool is_long = name.starts_with("--");
  return fmt::format("-{} {}", is_long ? 'l' : 's', name.substr(is_long ? 2 : 1));
}

// What follows the option: nothing, a file, or what is for the user to say.
std::string_view fish_value(std::string_view value) {
  if (value.empty()) return "";
  return is_file(value) ? " -r -F" : " -x";
}

// What may follow a command; files where its synopsis says so.
void fish_command(const ctl::Command& command) {
  const auto begin = fmt::format("complete -c gnomonctl -n '__gnomonctl_behind {}'", command.name);
  const auto [choices, sources, names, file] = words_after(command);
  const auto values = ctl::value_options_of(command);
  for (const auto& word : choices) {
    if (!word.starts_with('-') || word == "-") {
      fmt::print("{} -a {}\n", begin, word);
      continue;
    }
    const auto value = std::ranges::find(values, word, &ctl::ValueOption::option);
    fmt::print("{} {}{}\n", begin, fish_option(word), value == values.end() ? "" : fish_value(value->value));
  }
  if (file) fmt::print("{} -F\n", begin);
  if (sources) fmt::print("{} -a '({})'\n", begin, source_names);
  if (names) fmt::print("{} -a '{}'\n", begin, joined_commands());
}

void fish() {
  fmt::print(
      "# Whether this is the command of the line, wherever the options stand; '': there is none yet.\n"
      "function __gnomonctl_behind\n"
      "    set -l words (commandline -opc)\n"
      "    set -e words[1]\n"
      "    while set -q words[1]\n"
      "        switch $words[1]\n"
      "            case {}\n"
      "                set -q words[2]; and set -e words[1]\n"
      "            case '-*'\n"
      "            case '*'\n"
      "                test \"$argv[1]\" = \"$words[1]\"\n"
      "                return\n"
      "        end\n"
      "        set -e words[1]\n"
      "    end\n"
      "    test -z \"$argv[1]\"\n"
      "end\n"
      "complete -c gnomonctl -f\n",
      fmt::join(options_with_value(), " "));
  constexpr std::string_view begin = "complete -c gnomonctl -n \"__gnomonctl_behind ''\"";
  for (const auto& option : ctl::option_words())
    for (const auto& name : names_of(option))
      fmt::print("{} {}{} -d {}\n", begin, fish_option(name), fish_value(option.arguments),
                 in_quotes(option.description));
  for (const auto& command : ctl::commands())
    fmt::print("{} -a {} -d {}\n", begin, command.name, in_quotes(command.help));
  for (const auto& command : ctl::commands()) fish_command(command);
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
