// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/usage.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "config/words.hpp"
#include "ctl/render/prose.hpp"
#include "ctl/terminal/terminal.hpp"

namespace gnomon::ctl {

namespace {

std::vector<std::string_view> command_names() {
  std::vector<std::string_view> names;
  for (const Command& row : commands()) names.emplace_back(row.name);
  return names;
}

std::string usage(const Command& row) {
  const std::string_view arguments = row.arguments;
  return fmt::format("gnomonctl {}{}{}", row.name, arguments.empty() ? "" : " ", arguments);
}

// Of a command the words as its row has them.
class Synopsis : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App* app, std::string name) const override {
    const auto row = std::ranges::find(commands(), app->get_name(), &Command::name);
    if (row == commands().end()) return CLI::Formatter::make_usage(app, std::move(name));
    return fmt::format("Usage: {}\n", usage(*row));
  }
  std::string make_description(const CLI::App* app) const override {
    const auto row = std::ranges::find(commands(), app->get_name(), &Command::name);
    return row == commands().end() ? CLI::Formatter::make_description(app) : fmt::format("{}.\n", row->help);
  }
};

// Lines in two columns, of which the second goes on below itself where the terminal ends.
std::string broken(std::string_view text, std::size_t width) {
  constexpr std::size_t second_column = 30;  // as CLI11 has it
  if (width < 2 * second_column) return std::string{text};
  std::string out;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const bool in_columns =
        line.size() > second_column && line.starts_with(' ') && line[second_column - 1] == ' ';
    out += !in_columns ? fmt::format("{}\n", line)
                       : paragraph(line.substr(second_column), width, line.substr(0, second_column),
                                   std::string(second_column, ' '));
  }
  return out;
}

// Of a wrong command line: as with chronyc, but where 1 is an answer. Monitoring systems, for which `probe`
// is made, take 2 for one as well.
int status_of_misuse(std::string_view command) {
  if (command == "probe") return 3;
  const auto row = std::ranges::find(commands(), command, &Command::name);
  return row != commands().end() && row->group == Group::explain ? 2 : 1;
}

// Those of the command, and those that stand before it too.
std::vector<const CLI::Option*> options_of(const CLI::App& app) {
  auto options = app.get_options();
  for (const auto* const command : app.get_subcommands())
    std::ranges::copy(command->get_options(), std::back_inserter(options));
  return options;
}

// The one whose name CLI11's message begins with, of a flag without the dashes; nullptr: none.
const CLI::Option* blamed(const CLI::App& app, std::string_view message) {
  const std::string name{message.substr(0, message.find_first_of(": "))};
  for (const auto* const option : options_of(app))
    if (option->get_name() == name || option->check_lname(name) || option->check_sname(name)) return option;
  return nullptr;
}

// CLI11 has thrown because of an option, or for want of a command.
std::string clause(const CLI::App& app, const CLI::Error& error) {
  if (const auto* const option = blamed(app, error.what()))
    return takes_value(*option)
               ? fmt::format("{} must be followed by {}", names_of(*option), option->get_type_name())
               : fmt::format("{} takes no value", names_of(*option));
  return app.get_subcommands().empty() ? "a command is missing" : "the options cannot be understood";
}

// What nobody knows. A command has other options than what stands before it.
std::string unknown_clause(const CLI::App& app, std::string_view word) {
  if (!word.starts_with('-')) return fmt::format("unknown command '{}'{}", word, did_you_mean(word));
  std::vector<std::string> names;
  for (const auto* const option : options_of(app))
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  const std::vector<std::string_view> known(names.begin(), names.end());
  const auto nearest = config::nearest_word(word.substr(0, word.find('=')), known);
  return fmt::format("unknown option '{}'{}", word,
                     nearest.empty() ? "" : fmt::format(", did you mean '{}'?", nearest));
}

// Where a newcomer goes on: a command has examples of its own.
std::string advice(std::string_view command) {
  return fmt::format("Try: gnomonctl help{}{}\n", command.empty() ? "" : " ", command);
}

}  // namespace

std::shared_ptr<CLI::FormatterBase> synopsis() {
  return std::make_shared<Synopsis>();
}

std::string introduction() {
  return "Shows the state of gnomond, and controls it.\n"
         "\n"
         "Begin with:\n"
         "  gnomonctl explain                   is the clock right, and what do the sources do for it\n"
         "  gnomonctl watch                     the same live, with curves\n"
         "  gnomonctl events --since yesterday  what happened last night\n"
         "  gnomonctl report -o clock.html      the last day as a page for a browser\n"
         "  gnomonctl probe time.example.net    what is wrong with a server, also without a daemon\n"
         "  gnomonctl events --help             the options of a command, with examples\n";
}

const char* headline(Group group) {
  switch (group) {
    case Group::explain:
      return "What is going on, and why";
    case Group::reports:
      return "Reports, as chronyc has them";
    case Group::sources:
      return "Changes of sources, for operators";
    case Group::clock:
      return "Changes of the clock, for operators";
    case Group::daemon:
      return "Changes of the daemon, for operators";
    case Group::session:
      return "Without the daemon";
  }
  return "";
}

std::string headline(const Command& row) {
  const std::string_view arguments = row.arguments;
  return arguments.empty() ? row.help : fmt::format("{}: {}", arguments, row.help);
}

std::string did_you_mean(std::string_view word) {
  const auto nearest = config::nearest_word(word, command_names());
  return nearest.empty() ? "" : fmt::format(", did you mean '{}'?", nearest);
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

std::string names_of(const CLI::Option& option) {
  std::string names = option.get_name(false, true);
  if (const auto comma = names.find(','); comma != names.npos) names.insert(comma + 1, " ");
  return names;
}

Outcome outcome(const CLI::App& app, const CLI::Error& error) {
  const std::string command = app.get_subcommands().empty() ? "" : app.get_subcommands().front()->get_name();
  if (error.get_name() == "CallForHelp")
    return {.text = broken(app.help(), look_at_terminal().width), .status = 0};
  if (error.get_name() == "CallForVersion") return {.text = std::string(error.what()) + '\n', .status = 0};
  const auto unknown = app.remaining();
  const auto what = unknown.empty() ? clause(app, error) : unknown_clause(app, unknown.front());
  return {.text = fmt::format("gnomonctl: {}{}{}\n{}", command, command.empty() ? "" : ": ", what,
                              advice(command)),
          .status = status_of_misuse(command)};
}

Outcome misuse(const Command& row, std::string_view what) {
  return {.text = fmt::format("gnomonctl: {}: {}\nUsage: {}\n{}", row.name, what, usage(row),
                              advice(row.make == nullptr ? "" : row.name)),
          .status = status_of_misuse(row.name)};
}

}  // namespace gnomon::ctl
