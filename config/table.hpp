// SPDX-License-Identifier: GPL-2.0-or-later
// The directive table as data: one row for every directive and option, the same rows that the parser uses.
// For manual pages, completion and `gnomonctl check-config`; built on demand, owned by the caller.
#pragma once

#include <string_view>
#include <vector>

#include "config/row.hpp"

namespace gnomon::config {

struct TableEntry {
  std::string_view topic;  // the heading that the directive belongs under
  Row row;
  bool repeats = false;      // every line counts; otherwise the last one wins
  std::vector<Row> options;  // words that may follow, each with its own argument
};
using Table = std::vector<TableEntry>;

[[nodiscard]] Table table();

}  // namespace gnomon::config
