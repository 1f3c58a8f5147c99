// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/command_line.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "ctl/session.hpp"

#ifndef GNOMON_VERSION
#error "the build file states the version"
#endif

namespace gnomon::ctl {

namespace {

struct Entry {
  const char* name;
  Command command;
  const char* description;
  bool lists_sources;           // takes -a and -v
  const char* words = nullptr;  // of an order, for the help
};

constexpr std::array entries{
    Entry{"activity", Command::activity, "How many sources are online, offline, unresolved", false},
    Entry{"authdata", Command::authdata, "NTS and keys of each source", true},
    Entry{"certificates", Command::certificates, "What NTS clients are shown, and until when it is valid",
          false},
    Entry{"dfreq", Command::dfreq, "Our clock is faster than was thought", false, "PPM"},
    Entry{"doffset", Command::doffset, "Our clock is ahead of what was thought", false, "SECONDS"},
    Entry{"local", Command::local, "Serve our own time when not synchronised, or no more", false,
          "OPTIONS|off"},
    Entry{"makestep", Command::makestep, "Correct the clock at once, or allow steps", false,
          "[THRESHOLD LIMIT]"},
    Entry{"manual", Command::manual, "Times entered by hand", false, "on|off|reset|list|delete INDEX"},
    Entry{"maxupdateskew", Command::maxupdateskew, "Which estimates of frequency are good enough", false,
          "PPM"},
    Entry{"ntpdata", Command::ntpdata, "The last valid response of each source, or of one", false},
    Entry{"rekey", Command::rekey, "Read certificates and externally managed keys again", false},
    Entry{"reselect", Command::reselect, "Select a source anew", false},
    Entry{"reselectdist", Command::reselectdist, "How reluctantly another source is selected", false,
          "SECONDS"},
    Entry{"selectdata", Command::selectdata, "Why each source is selected or not", true},
    Entry{"serverstats", Command::serverstats, "What was served, what was dropped", false},
    Entry{"settime", Command::settime, "Say what time it is", false, "TIME"},
    Entry{"shutdown", Command::shutdown, "End the daemon", false},
    Entry{"smoothing", Command::smoothing, "How served time is smoothed", false},
    Entry{"sourcename", Command::sourcename, "The configured name of the source with this address", false},
    Entry{"sources", Command::sources, "The sources: state, reach, last sample", true},
    Entry{"sourcestats", Command::sourcestats, "Drift and offset estimated of each source", true},
    Entry{"tracking", Command::tracking, "The system clock: offset, frequency, error", false},
    Entry{"waitsync", Command::waitsync, "Wait until the clock follows a source", false,
          "[MAX-TRIES [MAX-CORRECTION [MAX-SKEW [INTERVAL]]]]"},
};

constexpr const char* words_option = "WORDS";

struct Options {
  Request request;
  bool numeric = false;
  bool configured = false;
  std::string command_name;
  std::string hosts;
  bool ignored = false;
  std::string ignored_text;
};

void add_source_commands(CLI::App& app, Options& options) {
  for (const SourceCommandWord& word : source_command_list()) {
    const std::string_view arguments = word.arguments;
    CLI::App* const command = app.add_subcommand(
        word.name, arguments.empty() ? word.description : fmt::format("{}: {}", arguments, word.description));
    // All that follows are arguments, -trust too.
    command->fallthrough(false)->prefix_command();
    command->callback([&options, command, name = word.name] {
      options.request.command = Command::order;
      options.request.words = command->remaining();
      options.command_name = name;
    });
  }
}

void add_commands(CLI::App& app, Request& request) {
  for (const Entry& entry : entries) {
    CLI::App* const command = app.add_subcommand(entry.name, entry.description);
    command->callback([&request, chosen = entry.command] { request.command = chosen; });
    if (entry.command == Command::ntpdata)
      command->add_option("SOURCE", request.source, "Address or configured name of one source");
    if (entry.words != nullptr) command->add_option(words_option, request.words, entry.words);
    if (entry.command == Command::sourcename)
      command->add_option("ADDRESS", request.source, "Address of the source")->required();
    if (!entry.lists_sources) continue;
    command->add_flag("-a", request.view.all, "Also sources that have no address yet");
    command->add_flag("-v", request.view.verbose, "Explain the columns");
  }
  CLI::App* const smooth_time = app.add_subcommand("smoothtime", "Smooth served time, or let it jump");
  smooth_time->require_subcommand(1);
  smooth_time->add_subcommand("activate", "Begin to smooth")->callback([&request] {
    request.command = Command::smoothtime_activate;
  });
  smooth_time->add_subcommand("reset", "Let served time jump to true time")->callback([&request] {
    request.command = Command::smoothtime_reset;
  });
  app.add_subcommand("help", "Print this help");
  app.require_subcommand(1);
}

// What scripts written for chronyc give.
void add_chronyc_options(CLI::App& app, Options& options) {
  app.add_option("-h", options.hosts,
                 "Whom chronyc would ask: this machine, or the path of the control socket")
      ->type_name("HOST[,HOST]...");
  app.add_flag("-m", options.ignored, "Each word that follows is a command of its own, with its arguments");
  app.add_flag("-4,-6", options.ignored, "Nothing: the control socket has no address");
  app.add_option("-p", options.ignored_text, "Nothing: the control socket has no port")->type_name("PORT");
  app.add_option("-f", options.ignored_text, "Nothing, as in chronyc")->type_name("FILE");
  app.add_flag("-a,-d", options.ignored, "Nothing, as in chronyc");
}

void add_options(CLI::App& app, Options& options) {
  app.fallthrough();  // inherited by the commands, so before them
  options.request.socket = "/run/gnomon/control";
  app.add_option("--socket", options.request.socket, "Where gnomond listens")
      ->envname("GNOMON_CONTROL")
      ->type_name("PATH")
      ->capture_default_str();
  app.add_flag("-n", options.numeric, "Print addresses, ask no DNS");
  app.add_flag("-N", options.configured, "Print the names of the configuration");
  auto* const csv = app.add_flag("-c", options.request.view.csv, "Comma-separated values, as chronyc -c");
  app.add_flag("--json", options.request.json, "The daemon's reply as JSON")->excludes(csv);
  app.set_version_flag("-v,--version", "gnomonctl (gnomon) version " GNOMON_VERSION, "Print the version");
  app.set_help_flag("--help", "Print this help");
  add_chronyc_options(app, options);
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

std::string names_of(const CLI::Option& option) {
  std::string names = option.get_name(false, true);
  if (const auto comma = names.find(','); comma != names.npos) names.insert(comma + 1, " ");
  return names;
}

// As in a synopsis: what may follow a command.
std::string argument_of(const CLI::Option& option) {
  std::string word = option.get_name();
  if (word == words_option) return option.get_description();
  if (!option.get_positional() && takes_value(option)) word += ' ' + option.get_type_name();
  return option.get_required() ? word : '[' + word + ']';
}

std::string arguments_of(const CLI::App& command) {
  std::string words;
  for (const auto* each : command.get_subcommands({})) words += (words.empty() ? "" : "|") + each->get_name();
  for (const auto* option : command.get_options())
    if (option != command.get_help_ptr()) words += (words.empty() ? "" : " ") + argument_of(*option);
  return words;
}

Naming naming(const Options& options) {
  if (options.configured) return {.style = NameStyle::configured, .reverse = {}};
  if (options.numeric || options.request.view.csv) return {.style = NameStyle::numeric, .reverse = {}};
  return {.style = NameStyle::reverse, .reverse = reverse_lookup};
}

Outcome outcome(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_name() == "CallForHelp") return {.text = app.help(), .status = 0};
  if (error.get_name() == "CallForVersion") return {.text = std::string(error.what()) + '\n', .status = 0};
  const auto unknown = app.remaining();
  if (!unknown.empty())
    return {.text = fmt::format("gnomonctl: unknown word '{}'\nTry: gnomonctl help\n", unknown.front()),
            .status = 1};
  return {.text = fmt::format("gnomonctl: {}\nTry: gnomonctl help\n", error.what()), .status = 1};
}

// CLI11 would take a negative number for an option: behind this mark it is a word.
constexpr char negative_mark = '\x01';

std::string masked(const std::string& word) {
  const bool negative =
      word.size() > 1 && word[0] == '-' && (word[1] == '.' || (word[1] >= '0' && word[1] <= '9'));
  return negative ? negative_mark + word : word;
}

// Before the command -4 and -6 are chronyc's options.
std::vector<std::string> all_masked(std::vector<std::string> words) {
  const auto command = words.begin() + static_cast<std::ptrdiff_t>(leading_options(words));
  std::ranges::transform(command, words.end(), command, [](const std::string& word) { return masked(word); });
  return words;
}

void unmask(std::vector<std::string>& words) {
  for (auto& word : words)
    if (word.starts_with(negative_mark)) word.erase(0, 1);
}

}  // namespace

std::vector<CommandWord> command_words() {
  CLI::App app;
  Options options;
  add_commands(app, options.request);
  std::vector<CommandWord> words;
  for (const auto* command : app.get_subcommands({}))
    words.push_back({command->get_name(), arguments_of(*command), command->get_description()});
  for (const SourceCommandWord& order : source_command_list())
    words.push_back({order.name, order.arguments, order.description});
  std::ranges::sort(words, {}, &CommandWord::name);
  return words;
}

std::vector<CommandWord> option_words() {
  CLI::App app;
  Options options;
  add_options(app, options);
  std::vector<CommandWord> words;
  for (const auto* option : app.get_options())
    words.push_back(
        {names_of(*option), takes_value(*option) ? option->get_type_name() : "", option->get_description()});
  return words;
}

std::expected<Request, Outcome> parse_command_line(int count, const char* const* arguments) {
  CLI::App app("Shows what gnomond knows, and tells it what to do.", "gnomonctl");
  Options options;
  add_options(app, options);
  add_commands(app, options.request);
  add_source_commands(app, options);
  try {
    auto words = all_masked({arguments + 1, arguments + count});
    std::ranges::reverse(words);  // CLI11 wants the last one first
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    return std::unexpected(outcome(app, error));
  }
  if (app.got_subcommand("help")) {
    constexpr std::array words{"gnomonctl", "--help"};
    return parse_command_line(words.size(), words.data());
  }
  unmask(options.request.words);
  if (!options.hosts.empty()) {
    auto socket = socket_of_hosts(options.hosts);
    if (!socket) return std::unexpected(Outcome{fmt::format("gnomonctl: -h: {}\n", socket.error()), 1});
    if (*socket) options.request.socket = std::move(**socket);
  }
  if (options.request.command == Command::order) {
    auto order = make_source_command(options.command_name, options.request.words);
    if (!order)
      return std::unexpected(Outcome{.text = fmt::format("gnomonctl: {}: {}\nTry: gnomonctl help\n",
                                                         options.command_name, order.error()),
                                     .status = 1});
    options.request.order = std::move(*order);
  }
  options.request.view.naming = naming(options);
  return options.request;
}

}  // namespace gnomon::ctl
