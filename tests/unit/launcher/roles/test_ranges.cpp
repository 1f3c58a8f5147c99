// SPDX-License-Identifier: GPL-2.0-or-later
// Every number of the directive table has a range: both ends are taken, by the parser and by the roles that
// are told, and one beyond is refused.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "config/parse.hpp"
#include "config/table.hpp"
#include "daemon/launcher/roles/role_setups.hpp"
#include "ipc/role_setup.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using config::Range;
using config::Row;

namespace {

using Words = std::vector<std::string>;

const std::set<std::string> numbers{"SECONDS", "PPM",         "PPM_PER_SECOND",
                                    "LIMIT",   "START",       "IGNORE",
                                    "RATIO",   "FACTOR",      "COUNT",
                                    "SAMPLES", "POLLS",       "UPDATES",
                                    "PORT",    "ID",          "STRATUM",
                                    "LOG2",    "N",           "LINES",
                                    "OCTETS",  "POINT",       "DOMAIN",
                                    "MIN",     "MAX",         "PRIORITY",
                                    "VERSION", "PROBABILITY", "SET",
                                    "HERTZ",   "T0",          "K0",
                                    "K1",      "K2"};
// What stands for the other words of a synopsis; those that are not here may be left out.
const std::map<std::string, std::string> samples{
    {"FILE", "/x"},         {"DIRECTORY", "/x"}, {"NAME", "a"},      {"ADDRESS", "192.0.2.1"},
    {"INTERFACE", "lo"},    {"DRIVER", "SHM"},   {"PARAMETER", "0"}, {"TIMEZONE", "UTC"},
    {"DEVICE", "/dev/rtc"}, {"TYPE", "F323"},    {"REFID", "A"}};

// "[interval", "SECONDS]", "[ID]...", "FILE|DIRECTORY" without their marks, and of two the first.
std::string bare(std::string word) {
  word = word.substr(0, word.find('|'));
  std::erase_if(word, [](char c) { return c == '[' || c == ']' || c == '.'; });
  return word;
}

// A synopsis as words: numbers as "#", in their order.
Words template_of(std::string_view arguments) {
  Words words;
  std::istringstream stream{std::string{arguments}};
  for (std::string word; stream >> word;) {
    const auto name = bare(word);
    if (numbers.contains(name))
      words.emplace_back("#");
    else if (const auto sample = samples.find(name); sample != samples.end() && !word.ends_with("..."))
      words.push_back(sample->second);
    else if (std::ranges::all_of(name, [](unsigned char c) { return std::islower(c) != 0; }))
      words.push_back(name);
    if (word.contains('|') && word.front() != '[' && std::isupper(word.back()) != 0)
      break;  // the other synopsis
  }
  return words;
}

Range range_of(const Row& row, std::size_t number) {
  return number == 0 ? row.range : number == 1 ? row.second : row.third;
}

std::string text_of(double number) {
  return fmt::format("{:.0f}", number);
}

// Every number at its lowest but one.
std::string filled(const Words& words, const Row& row, std::size_t chosen, double value) {
  std::string line;
  std::size_t number = 0;
  for (const auto& word : words) {
    const auto lowest = range_of(row, number).min;
    line += " " + (word != "#" ? word : text_of(number == chosen ? value : lowest));
    if (word == "#") ++number;
  }
  return line;
}

template <class Setup>
bool passes(const Setup& setup) {
  return ipc::from_arguments<Setup>(ipc::to_arguments(setup)).has_value();
}

bool roles_take(const config::Config& config) {
  return passes(ipc::ClockSetup{{}, launcher::clock_budget(config.clock, {}), {}}) &&
         passes(launcher::ke_server_setup(config, {}, 1)) && passes(launcher::ke_client_setup(config, {}));
}

std::expected<config::Config, std::string> parse(const std::string& line) {
  auto parsed = config::parse_lines({line}, config::real_files());
  if (!parsed) return std::unexpected(config::to_text(parsed.error().front()));
  return std::move(parsed->config);
}

void check_taken(const std::string& line) {
  CAPTURE(line);
  const auto config = parse(line);
  CHECK(config.has_value());
  if (config) CHECK(roles_take(*config));
}

void check_refused(const std::string& line) {
  CAPTURE(line);
  CHECK_FALSE(parse(line));
}

double beyond(double number, int direction) {
  return std::fabs(number) > 1e15 ? number * 1.01 : number + direction;
}

int check(const std::string& before, const Row& row) {
  CAPTURE(before);
  const auto words = template_of(row.arguments);
  const auto count = static_cast<std::size_t>(std::ranges::count(words, "#"));
  for (std::size_t number = 0; number < count; ++number) {
    const auto range = range_of(row, number);
    CAPTURE(number);
    REQUIRE(std::isfinite(range.min));
    REQUIRE(std::isfinite(range.max));
    check_taken(before + filled(words, row, number, range.min));
    check_taken(before + filled(words, row, number, range.max));
    check_refused(before + filled(words, row, number, beyond(range.min, -1)));
    check_refused(before + filled(words, row, number, beyond(range.max, 1)));
  }
  return static_cast<int>(count);
}

}  // namespace

TEST_CASE("both ends of every range are taken by the parser and by the roles, and one beyond is refused") {
  int checked = 0;
  for (const auto& entry : config::table()) {
    const std::string name{entry.row.name};
    if (name == "include" || name == "confdir") continue;  // they read files
    checked += check(name, entry.row);
    std::string before = name;
    for (const auto& word : template_of(entry.row.arguments)) before += " " + (word == "#" ? "1" : word);
    if (name == "driftfile") before = "driftfile /x";  // its option stands in the synopsis
    for (const auto& option : entry.options)
      checked += check(before + " " + std::string{option.name}, option);
  }
  CHECK(checked > 120);
}

TEST_CASE("what chrony takes and makes no sense is brought to what does") {
  CHECK(parse("makestep -1 3")->clock.make_step->threshold == base::Seconds{});
  CHECK(parse("maxchange -1 3 1")->clock.max_change->offset == base::Seconds{});
  CHECK(parse("maxdrift 5e6")->clock.max_drift == base::Ppm{1e6});
  CHECK(parse("maxslewrate 5e6")->clock.max_slew_rate == base::Ppm{1e6});
}

TEST_CASE("a number that is too large is told the limit") {
  CHECK(parse("maxdistance 1e13").error().find("from 0 to 1") != std::string::npos);
  CHECK(parse("maxsamples 2147483648").error().find("from 0 to 2147483647") != std::string::npos);
}
