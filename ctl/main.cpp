// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "ctl/check/check.hpp"
#include "ctl/command_completion.hpp"
#include "ctl/command_options.hpp"
#include "ctl/line_editor/line_editor.hpp"
#include "ctl/probe_command.hpp"
#include "ctl/render/prose.hpp"
#include "ctl/run.hpp"
#include "ctl/session/session.hpp"
#include "ctl/terminal/pager.hpp"

namespace {

using namespace gnomon::ctl;

constexpr const char* prompt = "gnomonctl> ";

// Output that could not be written is a failure too: scripts read the status.
int print(std::FILE* stream, const std::string& text, int status) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stream) == text.size();
  if (written && std::fflush(stream) == 0) return status;
  const auto why = std::generic_category().message(errno);
  if (stream == stdout) std::fprintf(stderr, "gnomonctl: the output could not be written: %s\n", why.c_str());
  return 1;
}

// Lines for standard error, each broken between words where the terminal ends.
int complain(std::string_view text, int status) {
  const auto width = isatty(STDERR_FILENO) != 0 ? gnomon::ctl::look_at_terminal().width : 0;
  if (width == 0) return print(stderr, std::string{text}, status);
  std::string broken;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    broken += gnomon::ctl::paragraph(line, width);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return print(stderr, broken, status);
}

int fail(const std::string& sentence, int status = 1) {
  return complain(fmt::format("gnomonctl: {}\n", sentence), status);
}

int show(const gnomon::ctl::Result& result, bool no_pager) {
  const bool is_long = !no_pager && gnomon::ctl::is_longer(result.text, gnomon::ctl::look_at_terminal());
  if (is_long && gnomon::ctl::show_in_pager(result.text)) return result.status;
  return print(stdout, result.text, result.status);
}

auto parse(const std::vector<std::string>& words) {
  std::vector<const char*> arguments{"gnomonctl"};
  for (const auto& word : words) arguments.push_back(word.c_str());
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

// What lasts from one command to the next.
struct Run {
  bool marks_ends = false;  // -e
  SessionSettings settings{};
};

int carry_out(Run& run, const std::vector<std::string>& words) {
  auto request = parse(words);
  if (!request) {
    const auto& [text, status] = request.error();
    const bool no_pager = std::ranges::find(words, "--no-pager") != words.end();
    return status == 0 ? show({.text = text, .complaint = {}, .status = 0}, no_pager)
                       : complain(text, status);
  }
  use_settings(run.settings, *request);
  if (const auto& change = request->call.session) {
    run.settings.update(*change);
    return 0;
  }
  if (request->call.check) {
    const auto result = check_config(*request->call.check);
    return print(stdout, result.text, result.status);
  }
  if (const auto& probe = request->call.probe) return run_probe(*probe, request->json, request->view);
  const auto result = gnomon::ctl::run(*request);
  const int status = show(result, request->no_pager);
  return result.complaint.empty() ? status : fail(result.complaint, result.status);
}

int carry_out_and_mark(Run& run, const std::vector<std::string>& words) {
  const int status = carry_out(run, words);
  return run.marks_ends ? std::max(status, print(stdout, ".\n", 0)) : status;
}

// One line as a command with the options of the run.
int carry_out_line(Run& run, const Session& session, const std::string& line) {
  const auto words = words_of_line(line);
  if (words.empty()) return 0;
  auto all = session.options;
  all.insert(all.end(), words.begin(), words.end());
  return carry_out_and_mark(run, all);
}

int read_lines(Run& run, const Session& session) {
  int worst = 0;
  const auto go_on = [&](const std::string& line) {
    worst = std::max(worst, carry_out_line(run, session, line));
    return !run.settings.ended;
  };
  if (isatty(STDIN_FILENO) != 0) {
    LineEditor editor{prompt, complete};
    for (auto line = editor.next(); line && go_on(*line);) line = editor.next();
    return worst;
  }
  for (std::string line; std::getline(std::cin, line) && go_on(line);) continue;
  return worst;
}

// 1 when one of the commands failed: a script looks at the status of the whole.
int run_session(Run& run, const Session& session) {
  if (session.from_input) {
    // No line may come, and a mistake is one all the same.
    auto trial = session.options;
    trial.emplace_back("tracking");
    return parse(trial) ? read_lines(run, session) : carry_out(run, trial);
  }
  int worst = 0;
  for (const auto& command : session.commands) {
    worst = std::max(worst, carry_out_line(run, session, command));
    if (run.settings.ended) break;
  }
  return worst;
}

bool is_chronyc(std::string_view program) {
  return program.substr(program.rfind('/') + 1) == "chronyc";
}

bool asks_for_version(std::vector<std::string> words) {
  const auto end = words.begin() + static_cast<std::ptrdiff_t>(leading_options(words));
  return std::find(words.begin(), end, "--version") != end || take_option(words, 'v');
}

}  // namespace

int main(int count, char** arguments) try {
  std::signal(SIGCHLD, SIG_DFL);  // ignored, as it may be inherited, nobody learns how a helper ended
  std::vector<std::string> words(arguments + 1, arguments + count);
  Run run{.marks_ends = take_option(words, 'e')};
  if (count > 0 && is_chronyc(arguments[0]) && asks_for_version(words))
    return print(stdout, version_as_chronyc(), 0);
  if (const auto session = session_of(words)) return run_session(run, *session);
  const auto line = as_one_line(words);
  return line ? carry_out_and_mark(run, *line) : 0;
} catch (const std::exception& error) {
  return fail(error.what());
}
