// SPDX-License-Identifier: GPL-2.0-or-later
// The directives, from the table that the parser uses.
#include <fmt/format.h>

#include "config/changes.hpp"
#include "config/table.hpp"
#include "docs/man/page.hpp"

namespace gnomon::man {

namespace {

using config::Row;
using config::TableEntry;

std::string row_text(const Row& row, bool repeats = false, bool is_directive = false) {
  std::string text = fmt::format(".TP\n\\fB{}\\fR", escaped(row.name));
  if (!row.arguments.empty()) text += fmt::format(" \\fI{}\\fR", escaped(row.arguments));
  text += fmt::format("\n{}\n", escaped(row.text));
  if (!row.default_value.empty()) text += fmt::format("Default: {}.\n", escaped(row.default_value));
  if (repeats) text += "May be given more than once.\n";
  if (is_directive && config::applies_at_run_time(row.name)) text += "Applied by a reload.\n";
  if (!row.effect) text += "\\fINo effect in this version.\\fR\n";
  return text;
}

std::vector<std::string_view> names_of(const std::vector<Row>& rows) {
  std::vector<std::string_view> names;
  names.reserve(rows.size());
  for (const Row& row : rows) names.push_back(row.name);
  return names;
}

// server, pool and peer share their options: listed once, at the first.
using Described = std::map<std::vector<std::string_view>, std::string_view>;

std::string options(const TableEntry& entry, Described& described) {
  if (entry.options.empty()) return "";
  const auto [first, is_new] = described.try_emplace(names_of(entry.options), entry.row.name);
  if (!is_new) return fmt::format("Options: those of \\fB{}\\fR.\n", first->second);
  std::string out = "Options:\n.RS\n";
  for (const Row& option : entry.options) out += row_text(option);
  return out + ".RE\n";
}

std::string names_without_effect(const std::vector<Row>& rows) {
  std::string names;
  for (const Row& row : rows)
    if (!row.effect) names += fmt::format("{}{}", names.empty() ? "" : ", ", escaped(row.name));
  return names;
}

}  // namespace

Items directives() {
  Items items;
  Described described;
  std::string_view topic;
  for (const TableEntry& entry : config::table()) {
    std::string heading = entry.topic == topic ? "" : fmt::format(".SS {}\n", entry.topic);
    topic = entry.topic;
    items.push_back({.name = std::string{entry.row.name},
                     .text = std::move(heading) + row_text(entry.row, entry.repeats, true),
                     .rest = options(entry, described)});
  }
  return items;
}

Items without_effect() {
  std::vector<Row> rows;
  Items items{{.name = "directives", .text = ""}};
  for (const TableEntry& entry : config::table()) {
    rows.push_back(entry.row);
    const std::string names = names_without_effect(entry.options);
    if (entry.row.effect && !names.empty())
      items.push_back({.name = std::string{entry.row.name},
                       .text = fmt::format(".PP\nOptions of \\fB{}\\fR without effect: {}.\n",
                                           escaped(entry.row.name), names)});
  }
  items.front().text = fmt::format("{}.\n", names_without_effect(rows));
  return items;
}

}  // namespace gnomon::man
