// SPDX-License-Identifier: GPL-2.0-or-later
// What CLI11 is told of the options and commands, and where it puts what it reads.
#pragma once

#include <string>
#include <vector>

#include "ctl/command.hpp"
#include "ctl/request.hpp"

namespace CLI {
class App;
}  // namespace CLI

namespace gnomon::ctl {

// As they are written.
struct ProbeWords {
  probe::Options options;
  bool nts = false;
  bool no_nts = false;
  bool no_burst = false;
  std::string port;
  std::string ke_port;
  std::string source_port;
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
  std::string lines;
  std::string length;
  ProbeWords probe;
  std::string max_error;
  std::string timeout;
  std::string hosts;
  std::string command_port;
  bool ignored = false;
  std::string ignored_text;
};

// What `chronyc -v` prints: scripts read from it which chrony it is as good as, and what reports and commands
// it has.
[[nodiscard]] std::string version_as_chronyc();

// The options before the command, and of all commands; to be called before add_commands().
void add_options(CLI::App& app, Options& options);
// Both objects must outlive the parsing.
void add_commands(CLI::App& app, Options& options);

// CLI11 would take a negative number for an option: from the command on they are marked, until it is done.
[[nodiscard]] std::vector<std::string> with_negatives_marked(std::vector<std::string> words);
void unmark(std::string& word);

}  // namespace gnomon::ctl
