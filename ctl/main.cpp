// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "ctl/check/check.hpp"
#include "ctl/run.hpp"
#include "ctl/session.hpp"

namespace {

// Output that could not be written is a failure too: scripts read the status.
int print(std::FILE* stream, const std::string& text, int status) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stream) == text.size();
  if (written && std::fflush(stream) == 0) return status;
  const auto why = std::generic_category().message(errno);
  if (stream == stdout) std::fprintf(stderr, "gnomonctl: the output could not be written: %s\n", why.c_str());
  return 1;
}

int fail(const std::string& sentence) {
  return print(stderr, "gnomonctl: " + sentence + '\n', 1);
}

auto parse(const std::vector<std::string>& words) {
  std::vector<const char*> arguments{"gnomonctl"};
  for (const auto& word : words) arguments.push_back(word.c_str());
  return gnomon::ctl::parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

int carry_out(const std::vector<std::string>& words) {
  const auto request = parse(words);
  if (!request) {
    const auto& [text, status] = request.error();
    return print(status == 0 ? stdout : stderr, text, status);
  }
  if (request->call.check) {
    const auto result = gnomon::ctl::check_config(*request->call.check);
    return print(stdout, result.text, result.status);
  }
  const auto text = gnomon::ctl::run(*request);
  return text ? print(stdout, *text, 0) : fail(text.error());
}

// One line as a command with the options of the run; nullopt: it ends the run.
std::optional<int> carry_out_line(const gnomon::ctl::Session& session, const std::string& line) {
  const auto words = gnomon::ctl::words_of_line(line);
  if (words.empty()) return 0;
  if (gnomon::ctl::ends_session(words)) return std::nullopt;
  auto all = session.options;
  all.insert(all.end(), words.begin(), words.end());
  return carry_out(all);
}

std::optional<std::string> next_line() {
  if (isatty(STDIN_FILENO) != 0) print(stdout, "gnomonctl> ", 0);
  std::string line;
  return std::getline(std::cin, line) ? std::optional{line} : std::nullopt;
}

// 1 when one of the commands failed: a script looks at the status of the whole.
int run_session(const gnomon::ctl::Session& session) {
  int worst = 0;
  const auto go_on = [&](const std::string& line) {
    const auto status = carry_out_line(session, line);
    worst = std::max(worst, status.value_or(0));
    return status.has_value();
  };
  if (!session.from_input) {
    for (const auto& command : session.commands)
      if (!go_on(command)) break;
    return worst;
  }
  // No line may come, and a mistake is one all the same.
  auto trial = session.options;
  trial.emplace_back("tracking");
  if (!parse(trial)) return carry_out(trial);
  for (auto line = next_line(); line && go_on(*line);) line = next_line();
  return worst;
}

}  // namespace

int main(int count, char** arguments) try {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  const auto session = gnomon::ctl::session_of(words);
  return session ? run_session(*session) : carry_out(words);
} catch (const std::exception& error) {
  return fail(error.what());
}
