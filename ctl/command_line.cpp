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

}  // namespace

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
