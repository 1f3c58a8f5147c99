// SPDX-License-Identifier: GPL-2.0-or-later
// Prints a manual page in roff: its template, with the programs' own tables in their places, so that page and
// program cannot differ.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "docs/man/page.hpp"

namespace {

std::string file(const char* path) {
  std::ifstream stream(path);
  if (!stream) throw std::runtime_error(fmt::format("cannot read {}", path));
  return {std::istreambuf_iterator<char>(stream), {}};
}

void print(const char* path) {
  const gnomon::man::Tables tables{{"directives", gnomon::man::directives()},
                                   {"directives without effect", gnomon::man::without_effect()},
                                   {"options of gnomond", gnomon::man::daemon_options()},
                                   {"options of gnomonctl", gnomon::man::control_options()},
                                   {"commands of gnomonctl", gnomon::man::control_commands()}};
  fmt::print("{}", gnomon::man::expand(file(path), tables));
}

}  // namespace

// generate-man NAME SECTION DATE VERSION TEMPLATE
int main(int count, char** arguments) try {
  if (count != 6) throw std::runtime_error("needs name, section, date, version and template of the page");
  fmt::print(".TH {} {} {} \"gnomon {}\" gnomon\n", arguments[1], arguments[2], arguments[3], arguments[4]);
  print(arguments[5]);
  return std::fflush(stdout) == 0 ? 0 : 1;
} catch (const std::exception& error) {
  fmt::print(stderr, "generate-man: {}\n", error.what());
  return 1;
}
