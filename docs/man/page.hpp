// SPDX-License-Identifier: GPL-2.0-or-later
// A manual page made of a template and of the tables that the programs obey. In the template, which is roff
// otherwise,
//   @table NAME      begins the place of a table,
//   @ITEM            the words that follow what the table itself says of this item,
//   @end             ends it.
// An item without words has what the table says; words about an item that the table does not have are an
// error.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gnomon::man {

struct Item {
  std::string name;
  std::string text;    // roff, up to the words of the template
  std::string rest{};  // roff behind them
};
using Items = std::vector<Item>;
using Tables = std::map<std::string, Items>;

// Text that roff must not read as a request or change: backslashes, hyphens that are typed, a dot at the
// start.
[[nodiscard]] std::string escaped(std::string_view text);

// Throws std::runtime_error that says what is wrong with the template.
[[nodiscard]] std::string expand(std::string_view page, const Tables& tables);

// What the programs say of themselves.
[[nodiscard]] Items directives();       // gnomon.conf(5)
[[nodiscard]] Items without_effect();   // the same directives, those that do nothing yet
[[nodiscard]] Items daemon_options();   // gnomond(8)
[[nodiscard]] Items control_options();  // gnomonctl(1)
[[nodiscard]] Items control_commands();

}  // namespace gnomon::man
