// SPDX-License-Identifier: GPL-2.0-or-later
// Prints gnomon.conf(5) in roff. The directives come from the table that the parser obeys (config/table.hpp),
// so that page and program cannot differ; the words around them stand in the files given as arguments.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "config/table.hpp"

namespace {

using gnomon::config::Row;
using gnomon::config::TableEntry;

// Text that roff must not read as a request or change: backslashes, hyphens that are typed, a dot at the
// start.
std::string escaped(std::string_view text) {
  std::string out = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}

std::string row_text(const Row& row, bool repeats = false) {
  std::string text = fmt::format(".TP\n\\fB{}\\fR", escaped(row.name));
  if (!row.arguments.empty()) text += fmt::format(" \\fI{}\\fR", escaped(row.arguments));
  text += fmt::format("\n{}\n", escaped(row.text));
  if (!row.default_value.empty()) text += fmt::format("Default: {}.\n", escaped(row.default_value));
  if (repeats) text += "May be given more than once.\n";
  if (!row.effect) text += "\\fINo effect in this version.\\fR\n";
  return text;
}

std::vector<std::string_view> names_of(const std::vector<Row>& rows) {
  std::vector<std::string_view> names;
  names.reserve(rows.size());
  for (const Row& row : rows) names.push_back(row.name);
  return names;
}

class Directives {
 public:
  std::string text(const TableEntry& entry) {
    std::string out;
    if (entry.topic != topic_) out += fmt::format(".SS {}\n", entry.topic);
    topic_ = entry.topic;
    return out + row_text(entry.row, entry.repeats) + options(entry);
  }

 private:
  // server, pool and peer share their options: listed once, at the first.
  std::string options(const TableEntry& entry) {
    if (entry.options.empty()) return "";
    const auto [first, is_new] = described_.try_emplace(names_of(entry.options), entry.row.name);
    if (!is_new) return fmt::format("Options: those of \\fB{}\\fR.\n", first->second);
    std::string out = "Options:\n.RS\n";
    for (const Row& option : entry.options) out += row_text(option);
    return out + ".RE\n";
  }

  std::string_view topic_;
  std::map<std::vector<std::string_view>, std::string_view> described_;
};

std::string without_effect(const std::vector<Row>& rows) {
  std::string names;
  for (const Row& row : rows)
    if (!row.effect) names += fmt::format("{}{}", names.empty() ? "" : ", ", escaped(row.name));
  return names;
}

std::string without_effect(const gnomon::config::Table& table) {
  std::vector<Row> directives;
  directives.reserve(table.size());
  for (const TableEntry& entry : table) directives.push_back(entry.row);
  std::string out = fmt::format(
      ".SH WITHOUT EFFECT\nDirectives that are read and checked but have no effect in this version:\n{}.\n",
      without_effect(directives));
  for (const TableEntry& entry : table) {
    const std::string names = without_effect(entry.options);
    if (entry.row.effect && !names.empty())
      out += fmt::format(".PP\nOptions of \\fB{}\\fR without effect: {}.\n", escaped(entry.row.name), names);
  }
  return out;
}

std::string file(const char* path) {
  std::ifstream stream(path);
  if (!stream) throw std::runtime_error(fmt::format("cannot read {}", path));
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

// generate-conf-man VERSION HEAD TAIL
int main(int count, char** arguments) try {
  if (count != 4) throw std::runtime_error("needs the version, the page's head and its tail");
  const auto table = gnomon::config::table();
  fmt::print(".TH {} 5 \"\" \"gnomon {}\" \"gnomon\"\n{}.SH DIRECTIVES\n", "GNOMON.CONF", arguments[1],
             file(arguments[2]));
  Directives directives;
  for (const auto& entry : table) fmt::print("{}", directives.text(entry));
  fmt::print("{}{}", without_effect(table), file(arguments[3]));
  return std::fflush(stdout) == 0 ? 0 : 1;
} catch (const std::exception& error) {
  std::fputs("generate-conf-man: ", stderr);
  std::fputs(error.what(), stderr);
  std::fputs("\n", stderr);
  return 1;
}
