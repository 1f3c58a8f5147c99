// SPDX-License-Identifier: GPL-2.0-or-later
// What chronyc's tables with one row per source have in common: legend, header, and which sources are listed.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "ctl/render/record.hpp"
#include "ctl/render/render.hpp"

namespace gnomon::ctl {

// Of the second column of a table that is not wider; longer names are cut.
constexpr std::size_t source_name_width = 25;  // characters

// Where a wider table (-w) has its additional columns: at `behind_name` in the titles, at `frame` in the
// lines of the legend that point to the columns.
struct SourceTable {
  std::string_view legend = {};
  std::string_view column_legend;
  std::size_t frame = 0;
  std::string_view titles;
  std::size_t behind_name = 0;
  std::string (*row)(const Record& source, const View& view);
};

// Each line, with what is at `place` and behind it moved to the right.
[[nodiscard]] inline std::string widened(std::string_view lines, std::size_t place, std::size_t by) {
  std::string text;
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find('\n'));
    text += line;
    if (line.size() > place) text.insert(text.size() - (line.size() - place), by, ' ');
    text += '\n';
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
  }
  return text;
}

[[nodiscard]] inline std::string header(const SourceTable& table, std::size_t wider) {
  auto text = widened(table.titles, table.behind_name, wider);
  const auto width = text.size() - 1;
  return text + std::string(width, '=') + '\n';
}

[[nodiscard]] inline std::string render_table(const SourceTable& table, const Reply& reply,
                                              const View& view) {
  std::string text;
  if (!view.csv && view.verbose) {
    text += table.legend;
    text += widened(table.column_legend, table.frame, view.wider);
  }
  if (!view.csv) text += header(table, view.wider);
  for (const Record& source : Record(reply).records("sources"))
    if (view.all || is_resolved(source)) text += table.row(source, view);
  return text;
}

}  // namespace gnomon::ctl
