// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/command_line.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "config/words.hpp"
#include "ctl/render/prose.hpp"
#include "ctl/session.hpp"
#include "ctl/terminal/terminal.hpp"
#include "ctl/time_span.hpp"

#ifndef GNOMON_VERSION
#error "the build file states the version"
#endif

namespace gnomon::ctl {

namespace {

// As they are written.
struct ProbeWords {
  probe::Options options;
  bool nts = false;
  bool no_nts = false;
  bool no_burst = false;
  std::string timeout;
  std::string warning;
  std::string critical;
};

struct Options {
  Request request;
  EventsWish wish;
  ReportWish report;
  WatchWish watch;
  RecordWish recording;
  Words words;
  bool numeric = false;
  bool configured = false;
  bool wide = false;
  bool resolve = false;
  bool dry_run = false;
  std::string since;
  std::string length;
  ProbeWords probe;
  std::string max_error;
  std::string timeout;
  std::string hosts;
  bool ignored = false;
  std::string ignored_text;
};

std::string headline(const Command& row) {
  const std::string_view arguments = row.arguments;
  return arguments.empty() ? row.help : fmt::format("{}: {}", arguments, row.help);
}

std::vector<std::string_view> command_names() {
  std::vector<std::string_view> names;
  for (const Command& row : commands()) names.emplace_back(row.name);
  return names;
}

std::string did_you_mean(std::string_view word) {
  const auto nearest = config::nearest_word(word, command_names());
  return nearest.empty() ? "" : fmt::format(", did you mean '{}'?", nearest);
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

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

// CLI11 would take a negative number for an option: behind this mark it is a word.
constexpr char negative_mark = '\x01';

std::string masked(const std::string& word) {
  const bool negative =
      word.size() > 1 && word[0] == '-' && (word[1] == '.' || (word[1] >= '0' && word[1] <= '9'));
  return negative ? negative_mark + word : word;
}

void unmask(std::string& word) {
  if (word.starts_with(negative_mark)) word.erase(0, 1);
}

// Of each option of a command: without it "" would be the same as no option at all.
CLI::Validator as_given() {
  return CLI::Validator{[](std::string& value) {
                          unmask(value);
                          return value.empty() ? std::string{"needs a value"} : std::string{};
                        },
                        ""};
}

void add_probe_flags(CLI::App& command, Options& options) {
  auto& words = options.probe;
  auto& probe = words.options;
  auto* const nts = command.add_flag("--nts", words.nts, "NTS is needed: a server without it is a failure");
  command.add_flag("--no-nts", words.no_nts, "Without NTS")->excludes(nts);
  command.add_option("--port", probe.port, "The server's NTP port")
      ->type_name("PORT")
      ->check(CLI::Range(1, 65535).description(""));
  command.add_option("--ke-port", probe.ke_port, "The server's NTS-KE port")
      ->type_name("PORT")
      ->check(CLI::Range(1, 65535).description(""));
  command
      .add_option("--source-port", probe.source_port, "The port to try to ask from as well; 123 if not given")
      ->type_name("PORT")
      ->check(CLI::Range(1, 65535).description(""));
  command
      .add_option("--trusted", probe.trusted,
                  "Trusted authorities, PEM file or directory, in place of the system's")
      ->type_name("PATH");
  command.add_flag("--no-burst", words.no_burst,
                   "Without the burst of requests that shows whether the rate is limited");
  command.add_option("--timeout", words.timeout, "How long all of it may take; 1 minute if not given")
      ->type_name("TIME");
  command.add_flag("--nagios", probe.nagios, "The first line as monitoring plugins have it");
  command.add_option("--warning", words.warning, "Warn of a time further off than this; 100ms if not given")
      ->type_name("TIME");
  command.add_option("--critical", words.critical, "Such a time is a failure; 1s if not given")
      ->type_name("TIME");
  command.add_flag("--utc", options.request.view.utc, "Times in UTC instead of the local time zone");
}

void add_report_options(CLI::App& command, Options& options) {
  command.add_option("--since", options.since, "Since then: 24h (which is the default), yesterday, 16:30")
      ->type_name("TIME");
  command.add_option("-o,--output", options.report.file, "The page that is written; - is standard output")
      ->type_name("FILE");
  command.add_flag("--utc", options.request.view.utc, "Times in UTC instead of the local time zone");
}

void add_flags(CLI::App& command, Flags flags, Options& options) {
  // All that follows are arguments, -trust too.
  if (flags == Flags::none) command.fallthrough(false)->prefix_command();
  if (flags != Flags::none) command.add_option("WORDS", options.words)->group("");
  if (flags == Flags::check)
    command.add_flag("--resolve", options.resolve, "Also look up the names of the sources");
  if (flags == Flags::reload) command.add_flag("--dry-run", options.dry_run, "Only say what would change");
  if (flags == Flags::events) {
    command.add_flag("--follow", options.wish.follow, "Also print those that come, until interrupted");
    command
        .add_option("--since", options.since, "Only since then: 2h, yesterday, 16:30, \"2026-11-29 16:30\"")
        ->type_name("TIME");
    command.add_option("--lines", options.wish.lines, "At most so many of those that are there")
        ->type_name("NUMBER");
    command.add_flag("--utc", options.request.view.utc, "Times in UTC instead of the local time zone");
  }
  if (flags == Flags::probe) add_probe_flags(command, options);
  if (flags == Flags::report) add_report_options(command, options);
  if (flags == Flags::record) {
    command.add_option("--for", options.length, "How long, as in 10min or 1h; otherwise until interrupted")
        ->type_name("TIME");
    command.add_flag("--force", options.recording.overwrite, "Write over a file that is there");
  }
  if (flags == Flags::watch) {
    command.add_flag("--once", options.watch.once, "Print one picture and exit");
    command.add_flag("--utc", options.request.view.utc, "Times in UTC instead of the local time zone");
  }
  if (flags == Flags::wait) {
    command.add_option("--max-error", options.max_error, "How wrong the clock may be, as in 10ms")
        ->type_name("TIME");
    command
        .add_option("--timeout", options.timeout, "How long to wait, as in 60 or 2min; otherwise for ever")
        ->type_name("TIME");
  }
  if (flags != Flags::listing) return;
  command.add_flag("-a", options.request.view.all, "Also show sources that have no address yet");
  command.add_flag("-v", options.request.view.verbose, "Explain the columns");
}

void add_commands(CLI::App& app, Options& options) {
  app.formatter(std::make_shared<Synopsis>());  // inherited by the commands, so before them
  for (const Command& row : commands()) {
    CLI::App* const command = app.add_subcommand(row.name, headline(row));
    add_flags(*command, row.flags, options);
    for (auto* const option : command->get_options())
      if (option->nonpositional() && takes_value(*option)) option->transform(as_given());
    if (*row.examples != '\0') command->footer(std::string{"Examples:\n"} + row.examples);
    command->callback([&options, &row, command] {
      options.request.command = &row;
      if (row.flags == Flags::none) options.words = command->remaining();
    });
  }
  app.require_subcommand(1);
}

// What scripts written for chronyc give.
void add_chronyc_options(CLI::App& app, Options& options) {
  app.add_option("-h", options.hosts, "The host for chronyc: this machine, or the path of the control socket")
      ->type_name("HOST[,HOST]...");
  app.add_flag("-m", options.ignored, "Each argument that follows is a command with its arguments");
  app.add_flag("-e", options.ignored, "Print a dot on a line of its own after each command");
  app.add_flag("-4,-6", options.ignored, "Ignored: the control socket has no address");
  app.add_option("-p", options.ignored_text, "Ignored: the control socket has no port")->type_name("PORT");
  app.add_option("-f", options.ignored_text, "Ignored, as in chronyc")->type_name("FILE");
  app.add_option("-u", options.ignored_text, "Ignored: what gnomonctl may do is what its user may")
      ->type_name("USER");
  app.add_flag("-a,-d", options.ignored, "Ignored, as in chronyc");
}

void add_options(CLI::App& app, Options& options) {
  app.fallthrough();  // inherited by the commands, so before them
  options.request.socket = "/run/gnomon/control";
  app.add_option("--socket", options.request.socket, "The path of gnomond's control socket")
      ->envname("GNOMON_CONTROL")
      ->type_name("PATH")
      ->capture_default_str();
  app.add_flag("-n", options.numeric, "Print addresses without DNS lookups");
  app.add_flag("-N", options.configured, "Print names as configured");
  app.add_flag("-w", options.wide, "Wider columns for names");
  auto* const csv = app.add_flag("-c", options.request.view.csv, "Comma-separated values, as chronyc -c");
  app.add_flag("--json", options.request.json, "The daemon's reply as JSON")->excludes(csv);
  app.add_flag("--no-pager", options.request.no_pager,
               "Print what is longer than the terminal without a pager");
  app.set_version_flag("-v,--version", "gnomonctl (gnomon) version " GNOMON_VERSION, "Print the version");
  app.set_help_flag("--help", "Print this help");
  add_chronyc_options(app, options);
}

std::string names_of(const CLI::Option& option) {
  std::string names = option.get_name(false, true);
  if (const auto comma = names.find(','); comma != names.npos) names.insert(comma + 1, " ");
  return names;
}

Naming naming(const Options& options) {
  const bool looks_up = !options.numeric && !options.request.view.csv;
  if (options.configured)
    return {.style = NameStyle::configured,
            .reverse = looks_up ? reverse_lookup : decltype(Naming::reverse){}};
  if (!looks_up) return {.style = NameStyle::numeric, .reverse = {}};
  return {.style = NameStyle::reverse, .reverse = reverse_lookup};
}

// Of a wrong command line. Monitoring systems, for which `probe` is made, take 1 for a warning.
int status_of_misuse(std::string_view command) {
  return command == "probe" ? 3 : 1;
}

Outcome outcome(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_name() == "CallForHelp")
    return {.text = broken(app.help(), look_at_terminal().width), .status = 0};
  if (error.get_name() == "CallForVersion") return {.text = std::string(error.what()) + '\n', .status = 0};
  const int status =
      status_of_misuse(app.get_subcommands().empty() ? "" : app.get_subcommands().front()->get_name());
  const auto unknown = app.remaining();
  if (!unknown.empty())
    return {.text = fmt::format("gnomonctl: unknown command or option '{}'{}\nTry: gnomonctl help\n",
                                unknown.front(),
                                app.get_subcommands().empty() ? did_you_mean(unknown.front()) : ""),
            .status = status};
  return {.text = fmt::format("gnomonctl: {}\nTry: gnomonctl help\n", error.what()), .status = status};
}

Outcome complaint(const Command& row, std::string_view what) {
  return {
      .text = fmt::format("gnomonctl: {}: {}\nUsage: {}\nTry: gnomonctl help\n", row.name, what, usage(row)),
      .status = status_of_misuse(row.name)};
}

// Before the command -4 and -6 are chronyc's options.
std::vector<std::string> all_masked(std::vector<std::string> words) {
  const auto command = words.begin() + static_cast<std::ptrdiff_t>(leading_options(words));
  std::ranges::transform(command, words.end(), command, [](const std::string& word) { return masked(word); });
  return words;
}

// `gnomonctl help [COMMAND]`.
Outcome help_about(const Command& help, const Words& words) {
  if (words.size() > 1) return complaint(help, fmt::format("unexpected argument '{}'", words[1]));
  std::vector<const char*> line{"gnomonctl"};
  if (!words.empty()) {
    if (std::ranges::find(commands(), words[0], &Command::name) == commands().end())
      return complaint(help, fmt::format("unknown command '{}'{}", words[0], did_you_mean(words[0])));
    line.push_back(words[0].c_str());
  }
  line.push_back("--help");
  return parse_command_line(static_cast<int>(line.size()), line.data()).error();
}

// What is wrong with them; empty: nothing.
std::string set_limits(WaitBound& bound, const Options& options) {
  if (!options.max_error.empty()) {
    bound.max_error = parse_time_span(options.max_error);
    if (!bound.max_error) return fmt::format("'{}' is not a length of time, as in 10ms", options.max_error);
  }
  if (!options.timeout.empty()) {
    const auto timeout = parse_time_span(options.timeout);
    if (!timeout) return fmt::format("'{}' is not a length of time, as in 60 or 2min", options.timeout);
    bound.timeout = std::chrono::duration<double>{*timeout};
  }
  return "";
}

// Those of the words themselves stay. What is wrong; empty: nothing.
std::string set_probe(probe::Options& call, const ProbeWords& words) {
  auto wanted = words.options;
  wanted.host = call.host;
  wanted.family = call.family;
  wanted.burst = !words.no_burst;
  if (words.nts) wanted.nts = probe::Nts::required;
  if (words.no_nts) wanted.nts = probe::Nts::without;
  const auto read = [](const std::string& text, std::chrono::duration<double>& into) {
    if (text.empty()) return true;
    const auto span = parse_time_span(text);
    if (span) into = std::chrono::duration<double>{*span};
    return span.has_value();
  };
  for (const auto& [text, into] :
       {std::pair{&words.timeout, &wanted.timeout}, std::pair{&words.warning, &wanted.warning},
        std::pair{&words.critical, &wanted.critical}})
    if (!read(*text, *into)) return fmt::format("'{}' is not a length of time, as in 500ms or 1min", *text);
  call = std::move(wanted);
  return "";
}

// Of report and watch, likewise.
std::string set_views(Options& options) {
  auto& call = options.request.call;
  if (call.watch) *call.watch = options.watch;
  if (!call.report) return "";
  *call.report = options.report;
  if (call.report->file.empty()) return "-o names the page that is written";
  if (options.since.empty()) return "";
  call.report->since = parse_since(options.since, std::time(nullptr));
  return call.report->since ? ""
                            : fmt::format("'{}' is not a time, as in 24h, yesterday or 16:30", options.since);
}

// Of events, likewise.
std::string set_events(EventsWish& events, const Options& options) {
  events = options.wish;
  if (options.since.empty()) return "";
  events.since = parse_since(options.since, std::time(nullptr));
  return events.since ? "" : fmt::format("'{}' is not a time, as in 2h, yesterday or 16:30", options.since);
}

// Of record, likewise.
std::string set_recording(RecordWish& recording, const Options& options) {
  recording.overwrite = options.recording.overwrite;
  if (options.length.empty()) return "";
  recording.length = parse_time_span(options.length);
  return recording.length.value_or(0) > 0
             ? ""
             : fmt::format("'{}' is not a length of time, as in 10min or 1h", options.length);
}

// Gives the call what options say of its command. What is wrong; empty: nothing.
std::string set_call(Options& options) {
  auto& call = options.request.call;
  if (call.check) {
    call.check->resolve = options.resolve;
    call.check->json = options.request.json;
  }
  if (options.dry_run && call.method != "Reload") return "--dry-run is for the whole configuration";
  if (options.dry_run) call.parameters["dry_run"] = true;
  auto wrong = set_views(options);
  if (wrong.empty() && call.events) wrong = set_events(*call.events, options);
  if (wrong.empty() && call.recording) wrong = set_recording(*call.recording, options);
  if (wrong.empty() && call.bound) wrong = set_limits(*call.bound, options);
  if (wrong.empty() && call.probe) {
    wrong = set_probe(*call.probe, options.probe);
    call.probe->utc = options.request.view.utc;
  }
  return wrong;
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
  CLI::App app("Shows the state of gnomond, and controls it.", "gnomonctl");
  Options options;
  add_options(app, options);
  add_commands(app, options);
  try {
    auto words = all_masked({arguments + 1, arguments + count});
    std::ranges::reverse(words);  // as CLI11 has them
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    return std::unexpected(outcome(app, error));
  }
  const Command& row = *options.request.command;
  std::ranges::for_each(options.words, unmask);
  if (row.make == nullptr) return std::unexpected(help_about(row, options.words));
  auto call = row.make(row.name, options.words);
  if (!call) return std::unexpected(complaint(row, call.error()));
  options.request.call = std::move(*call);
  if (const auto wrong = set_call(options); !wrong.empty()) return std::unexpected(complaint(row, wrong));
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
