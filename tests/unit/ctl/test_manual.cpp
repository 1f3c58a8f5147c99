// SPDX-License-Identifier: GPL-2.0-or-later
// The manual pages name what the programs take.
#include <array>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/command_line.hpp"
#include "ctl/command_line.hpp"
#include "tests/unit/catch.hpp"

namespace {

std::string page(const std::string& name) {
  std::ifstream stream(std::string(GNOMON_MANUAL "/") + name);
  if (!stream) throw std::runtime_error("cannot read " + name);
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool names(const std::string& text, const std::string& option) {
  std::string typed;
  for (const char c : option) typed += c == '-' ? std::string("\\-") : std::string(1, c);
  return text.find(typed) != std::string::npos;
}

// The first words of the indented lines: "  -n  ..." and "  tracking  ...".
std::vector<std::string> first_words(const std::string& help) {
  std::istringstream lines(help);
  std::vector<std::string> words;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("  ") || line.starts_with("   ")) continue;
    std::istringstream rest(line);
    rest >> words.emplace_back();
    if (words.back().ends_with(',')) rest >> words.emplace_back();  // "-4, -6"
  }
  for (auto& word : words) word = word.substr(0, word.find(','));
  return words;
}

}  // namespace

TEST_CASE("gnomonctl(1) names every command and option that gnomonctl help lists") {
  constexpr std::array arguments{"gnomonctl", "help"};
  const auto help = gnomon::ctl::parse_command_line(arguments.size(), arguments.data()).error().text;
  const auto manual = page("gnomonctl.1");
  const auto words = first_words(help);
  CHECK(words.size() >= 16);
  for (const auto& word : words) {
    INFO(word);
    CHECK(names(manual, word));
  }
}

TEST_CASE("gnomond(8) names every option that gnomond -h lists") {
  const auto manual = page("gnomond.8");
  const auto words = first_words(gnomon::config::usage("gnomond"));
  CHECK(words.size() >= 20);
  for (const auto& word : words) {
    INFO(word);
    CHECK(names(manual, word));
  }
}
