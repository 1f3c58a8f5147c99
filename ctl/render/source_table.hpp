// SPDX-License-Identifier: GPL-2.0-or-later
// What chronyc's tables with one row per source have in common: legend, header, and which sources are listed.
#pragma once

#include <string>
#include <string_view>

#include "ctl/render/record.hpp"
#include "ctl/render/render.hpp"

namespace gnomon::ctl {

struct SourceTable {
  std::string_view legend;
  std::string_view header;
  std::string (*row)(const Record& source, const View& view);
};

[[nodiscard]] inline std::string render_table(const SourceTable& table, const Reply& reply,
                                              const View& view) {
  std::string text;
  if (!view.csv && view.verbose) text += table.legend;
  if (!view.csv) text += table.header;
  for (const Record& source : Record(reply).records("sources"))
    if (view.all || is_resolved(source)) text += table.row(source, view);
  return text;
}

}  // namespace gnomon::ctl
