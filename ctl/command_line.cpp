// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/command_line.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "ctl/command_options.hpp"
#include "ctl/session/session.hpp"
#include "ctl/terminal/terminal.hpp"
#include "ctl/usage.hpp"
#include "ctl/wishes.hpp"

namespace gnomon::ctl {

namespace {

Naming naming(const Options& options) {
  const bool looks_up = !options.numeric && !options.request.view.csv;
  if (options.configured)
    return {.style = NameStyle::configured,
            .reverse = looks_up ? reverse_lookup : decltype(Naming::reverse){}};
  if (!looks_up) return {.style = NameStyle::numeric, .reverse = {}};
  return {.style = NameStyle::reverse, .reverse = reverse_lookup};
}

// `gnomonctl help [COMMAND]`.
Outcome help_about(const Command& help, const Words& words) {
  if (words.size() > 1) return misuse(help, fmt::format("unexpected argument '{}'", words[1]));
  std::vector<const char*> line{"gnomonctl"};
  if (!words.empty()) {
    if (std::ranges::find(commands(), words[0], &Command::name) == commands().end())
      return misuse(help, fmt::format("unknown command '{}'{}", words[0], did_you_mean(words[0])));
    line.push_back(words[0].c_str());
  }
  line.push_back("--help");
  return parse_command_line(static_cast<int>(line.size()), line.data()).error();
}

// gnomonctl's own commands, which take times and paths: with blanks, if they are quoted.
bool keeps_words(std::string_view command) {
  const auto row = std::ranges::find(commands(), command, &Command::name);
  return row != commands().end() && row->flags != Flags::common && row->flags != Flags::listing &&
         row->flags != Flags::none;
}

}  // namespace

std::optional<Words> as_one_line(const Words& words) {
  const auto options = leading_options(words);
  Words all(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(options));
  if (options == words.size()) return all;
  const auto first = words_of_line(words[options]);
  if (first.empty()) return std::nullopt;
  all.insert(all.end(), first.begin(), first.end());
  for (std::size_t at = options + 1; at < words.size(); ++at) {
    const bool as_given = keeps_words(first.front()) || takes_value(words[at - 1]);
    const auto parts = as_given ? Words{words[at]} : words_in(words[at]);
    all.insert(all.end(), parts.begin(), parts.end());
  }
  return all;
}

std::vector<OptionWord> option_words() {
  CLI::App app;
  Options options;
  add_options(app, options);
  std::vector<OptionWord> words;
  for (const auto* option : app.get_options())
    words.push_back(
        {names_of(*option), takes_value(*option) ? option->get_type_name() : "", option->get_description()});
  return words;
}

std::expected<Request, Outcome> parse_command_line(int count, const char* const* arguments) {
  CLI::App app(introduction(), "gnomonctl");
  Options options;
  add_options(app, options);
  add_commands(app, options);
  try {
    auto words = with_negatives_marked({arguments + 1, arguments + count});
    std::ranges::reverse(words);  // as CLI11 has them
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    return std::unexpected(outcome(app, error));
  }
  const Command& row = *options.request.command;
  std::ranges::for_each(options.words, unmark);
  if (options.request.view.csv && options.request.json)
    return std::unexpected(misuse(row, "-c and --json are two forms of output: give one of them"));
  if (row.make == nullptr) return std::unexpected(help_about(row, options.words));
  auto call = row.make(row.name, options.words);
  if (!call) return std::unexpected(misuse(row, call.error()));
  options.request.call = std::move(*call);
  if (const auto wrong = set_call(options); !wrong.empty()) return std::unexpected(misuse(row, wrong));
  if (const auto wrong = wrong_port(options.command_port, options.hosts); !wrong.empty())
    return std::unexpected(Outcome{fmt::format("gnomonctl: -p: {}\n", wrong), 1});
  if (!options.hosts.empty()) {
    auto socket = socket_of_hosts(options.hosts);
    if (!socket) return std::unexpected(Outcome{fmt::format("gnomonctl: -h: {}\n", socket.error()), 1});
    if (*socket) options.request.socket = std::move(**socket);
  }
  constexpr std::size_t wider = 14;
  options.request.view.wider = options.wide ? wider : 0;
  options.request.view.naming = naming(options);
  const auto terminal = look_at_terminal();
  options.request.view.width = terminal.width;
  options.request.view.colours = terminal.colours;
  return options.request;
}

void use_settings(const SessionSettings& settings, Request& request) {
  if (settings.time_limit) request.time_limit = *settings.time_limit;
  if (!settings.reverse_lookups || request.view.csv) return;
  auto& naming = request.view.naming;
  naming.reverse = *settings.reverse_lookups ? reverse_lookup : decltype(Naming::reverse){};
  if (naming.style == NameStyle::configured) return;
  naming.style = *settings.reverse_lookups ? NameStyle::reverse : NameStyle::numeric;
}

}  // namespace gnomon::ctl
