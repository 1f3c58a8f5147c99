// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/terminal/pager.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace gnomon::ctl {

namespace {

std::string chosen_pager() {
  if (std::getenv("SUDO_UID") != nullptr) return "less";
  for (const char* const name : {"GNOMON_PAGER", "PAGER"})
    if (const char* const value = std::getenv(name)) return value;
  return "less";
}

}  // namespace

bool is_longer(const std::string& text, const Terminal& terminal) {
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n'));
  return terminal.is_one && terminal.height > 0 && lines >= terminal.height;
}

bool show_in_pager(const std::string& text) {
  const auto program = chosen_pager();
  if (program.empty() || program == "cat") return false;
  setenv("LESS", "FRSXMK", 0);
  setenv("LESSSECURE", "1", 1);   // it shows texts of others
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT(bugprone-signal-handler): who leaves it early has seen enough
  std::FILE* const pager = popen(program.c_str(), "w");
  if (pager == nullptr) return false;
  std::fwrite(text.data(), 1, text.size(), pager);
  const int status = pclose(pager);
  constexpr int not_found = 127;
  return !(WIFEXITED(status) && WEXITSTATUS(status) == not_found);
}

}  // namespace gnomon::ctl
