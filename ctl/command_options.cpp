// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/command_options.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "config/command_line.hpp"
#include "ctl/session/session.hpp"
#include "ctl/usage.hpp"

#ifndef GNOMON_VERSION
#error "the build file states the version"
#endif

namespace gnomon::ctl {

namespace {

// Behind it is a word.
constexpr char negative_mark = '\x01';

std::string marked(const std::string& word) {
  const bool negative =
      word.size() > 1 && word[0] == '-' && (word[1] == '.' || (word[1] >= '0' && word[1] <= '9'));
  return negative ? negative_mark + word : word;
}

// Of each option of a command: without it "" would be the same as no option at all.
CLI::Validator as_given() {
  return CLI::Validator{[](std::string& value) {
                          unmark(value);
                          return value.empty() ? std::string{"needs a value"} : std::string{};
                        },
                        ""};
}

void add_probe_flags(CLI::App& command, Options& options) {
  auto& words = options.probe;
  auto& probe = words.options;
  command.add_flag("--nts", words.nts, "NTS is needed: a server without it is a failure");
  command.add_flag("--no-nts", words.no_nts, "Without NTS");
  command.add_option("--port", words.port, "The server's NTP port")->type_name("PORT");
  command.add_option("--ke-port", words.ke_port, "The server's NTS-KE port")->type_name("PORT");
  command
      .add_option("--source-port", words.source_port, "The port to try to ask from as well; 123 if not given")
      ->type_name("PORT");
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
  if (flags == Flags::reload) command.add_flag("--dry-run", options.dry_run, "Only show what would change");
  if (flags == Flags::events) {
    command.add_flag("--follow", options.wish.follow, "Also print those that come, until interrupted");
    command
        .add_option("--since", options.since, "Only since then: 2h, yesterday, 16:30, \"2026-11-29 16:30\"")
        ->type_name("TIME");
    command.add_option("--lines", options.lines, "At most so many of those that are there")
        ->type_name("NUMBER");
    command.add_flag("--utc", options.request.view.utc, "Times in UTC instead of the local time zone");
  }
  if (flags == Flags::probe) add_probe_flags(command, options);
  if (flags == Flags::report) add_report_options(command, options);
  if (flags == Flags::record) {
    command.add_option("--for", options.length, "How long, as in 10min or 1h; otherwise until interrupted")
        ->type_name("TIME");
    command.add_flag("--force", options.recording.overwrite, "Overwrite an existing file");
  }
  if (flags == Flags::watch) {
    command.add_flag("--once", options.watch.once, "Print one picture and exit");
    command.add_flag("--utc", options.request.view.utc, "Times in UTC instead of the local time zone");
  }
  if (flags == Flags::wait) {
    command.add_option("--max-error", options.max_error, "How wrong the clock may be, as in 10ms")
        ->type_name("TIME");
    command
        .add_option("--timeout", options.timeout,
                    "How long to wait, as in 60 or 2min; without a limit if not given")
        ->type_name("TIME");
  }
  if (flags != Flags::listing) return;
  command.add_flag("-a", options.request.view.all, "Also show sources that have no address yet");
  command.add_flag("-v", options.request.view.verbose, "Explain the columns");
}

// What scripts written for chronyc give.
void add_chronyc_options(CLI::App& app, Options& options) {
  const auto own = app.get_options().size();
  app.add_option("-h", options.hosts, "The host for chronyc: this machine, or the path of the control socket")
      ->type_name("HOST[,HOST]...");
  app.add_flag("-m", options.ignored, "Each argument that follows is a command with its arguments");
  app.add_flag("-e", options.ignored, "Print a dot on a line of its own after each command");
  app.add_flag("-4,-6", options.ignored, "Ignored: the control socket has no address");
  app.add_option("-p", options.command_port,
                 "The port for chronyc: 323, as the control socket has none and what listens on others may "
                 "be another daemon")
      ->type_name("PORT");
  app.add_option("-f", options.ignored_text, "Ignored, as in chronyc")->type_name("FILE");
  app.add_option("-u", options.ignored_text, "Ignored: what gnomonctl may do is what its user may")
      ->type_name("USER");
  app.add_flag("-a,-d", options.ignored, "Ignored, as in chronyc");
  auto all = app.get_options();
  for (auto* const option : std::span{all}.subspan(own)) option->group("For scripts written for chronyc");
}

void add_command(CLI::App& app, const Command& row, Options& options) {
  CLI::App* const command = app.add_subcommand(row.name, headline(row))->group(headline(row.group));
  add_flags(*command, row.flags, options);
  for (auto* const option : command->get_options()) {
    if (!option->nonpositional()) continue;
    if (takes_value(*option))
      option->transform(as_given());
    else
      option->disable_flag_override();
  }
  if (*row.examples != '\0') command->footer(std::string{"Examples:\n"} + row.examples);
  command->callback([&options, &row, command] {
    options.request.command = &row;
    if (row.flags == Flags::none) options.words = command->remaining();
  });
}

}  // namespace

std::string version_as_chronyc() {
  return fmt::format("chronyc (chrony) version {} (+READLINE +SECHASH +IPV6 -DEBUG), spoken by gnomon {}\n",
                     config::chrony_spoken, GNOMON_VERSION);
}

void unmark(std::string& word) {
  if (word.starts_with(negative_mark)) word.erase(0, 1);
}

// Before the command -4 and -6 are chronyc's options.
std::vector<std::string> with_negatives_marked(std::vector<std::string> words) {
  const auto command = words.begin() + static_cast<std::ptrdiff_t>(leading_options(words));
  std::ranges::transform(command, words.end(), command, [](const std::string& word) { return marked(word); });
  return words;
}

void add_commands(CLI::App& app, Options& options) {
  app.formatter(synopsis());  // inherited by the commands, so before them
  // The help has the groups in the order in which they come.
  std::vector<const Command*> rows;
  for (const Command& row : commands()) rows.push_back(&row);
  std::ranges::sort(rows, {},
                    [](const Command* row) { return std::pair{row->group, std::string_view{row->name}}; });
  for (const Command* const row : rows) add_command(app, *row, options);
  app.require_subcommand(1);
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
  app.add_flag("-c", options.request.view.csv, "Comma-separated values, as chronyc -c");
  app.add_flag("--json", options.request.json, "The daemon's reply as JSON");
  app.add_flag("--no-pager", options.request.no_pager,
               "Print what is longer than the terminal without a pager");
  app.set_version_flag("-v,--version", "gnomonctl (gnomon) version " GNOMON_VERSION, "Print the version");
  app.set_help_flag("--help", "Print this help");
  add_chronyc_options(app, options);
  for (auto* const option : app.get_options())
    if (!takes_value(*option)) option->disable_flag_override();
}

}  // namespace gnomon::ctl
