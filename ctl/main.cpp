// SPDX-License-Identifier: GPL-2.0-or-later
#include <cerrno>
#include <cstdio>
#include <exception>
#include <string>
#include <system_error>

#include "ctl/commands.hpp"

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

}  // namespace

int main(int count, char** arguments) try {
  const auto request = gnomon::ctl::parse_command_line(count, arguments);
  if (!request) {
    const auto& [text, status] = request.error();
    return print(status == 0 ? stdout : stderr, text, status);
  }
  const auto text = gnomon::ctl::run(*request);
  return text ? print(stdout, *text, 0) : fail(text.error());
} catch (const std::exception& error) {
  return fail(error.what());
}
