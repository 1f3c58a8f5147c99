// SPDX-License-Identifier: GPL-2.0-or-later
// Prints the completions of gnomonctl for one shell, from the table that parses its command line.
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "ctl/command_line.hpp"

namespace {

constexpr const char* options = "-n -N -c --json --socket -v --version -h --help";

// Descriptions have no quotes; brackets would be zsh's own.
std::string words(std::string_view separator) {
  std::string text;
  for (const auto& word : gnomon::ctl::command_words())
    text += (text.empty() ? "" : std::string{separator}) + word.name;
  return text;
}

void bash() {
  fmt::print(
      "# bash completion for gnomonctl\n"
      "_gnomonctl() {{\n"
      "  local current=\"${{COMP_WORDS[COMP_CWORD]}}\" previous=\"${{COMP_WORDS[COMP_CWORD-1]}}\"\n"
      "  case \"$previous\" in\n"
      "    --socket) mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); return ;;\n"
      "    smoothtime) mapfile -t COMPREPLY < <(compgen -W 'activate reset' -- \"$current\"); return ;;\n"
      "    manual) mapfile -t COMPREPLY < <(compgen -W 'on off reset list delete' -- \"$current\"); return "
      ";;\n"
      "  esac\n"
      "  mapfile -t COMPREPLY < <(compgen -W '{} {}' -- \"$current\")\n"
      "}}\n"
      "complete -F _gnomonctl gnomonctl\n",
      options, words(" "));
}

void zsh() {
  fmt::print("#compdef gnomonctl\nlocal -a commands\ncommands=(\n");
  for (const auto& word : gnomon::ctl::command_words())
    fmt::print("  '{}:{}'\n", word.name, word.description);
  fmt::print(
      ")\n"
      "_arguments \\\n"
      "  '-n[print addresses]' '-N[print configured names]' '-c[comma-separated values]' \\\n"
      "  '--json[the reply as JSON]' '--socket[control socket]:path:_files' \\\n"
      "  '(- *)'{{-v,--version}}'[print the version]' '(- *)'{{-h,--help}}'[print the help]' \\\n"
      "  '1:command:{{_describe command commands}}' '*:word:'\n");
}

void fish() {
  fmt::print(
      "complete -c gnomonctl -f\n"
      "complete -c gnomonctl -s n -d 'Print addresses'\n"
      "complete -c gnomonctl -s N -d 'Print configured names'\n"
      "complete -c gnomonctl -s c -d 'Comma-separated values'\n"
      "complete -c gnomonctl -l json -d 'The reply as JSON'\n"
      "complete -c gnomonctl -l socket -r -F -d 'Control socket'\n");
  for (const auto& word : gnomon::ctl::command_words())
    fmt::print("complete -c gnomonctl -n __fish_use_subcommand -a {} -d '{}'\n", word.name, word.description);
}

}  // namespace

int main(int count, char** arguments) {
  const std::string_view shell = count == 2 ? arguments[1] : "";
  if (shell == "bash") return bash(), 0;
  if (shell == "zsh") return zsh(), 0;
  if (shell == "fish") return fish(), 0;
  fmt::print(stderr, "usage: generate-completions bash|zsh|fish\n");
  return 1;
}
