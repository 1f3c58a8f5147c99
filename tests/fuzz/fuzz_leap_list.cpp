// SPDX-License-Identifier: GPL-2.0-or-later
// Lists of leap seconds out of any text: what is accepted is a table that answers for any day.
#include "daemon/core/engine/leap/leap_list.hpp"
#include "tests/fuzz/require.hpp"

using namespace gnomon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto table = engine::parse_leap_list(text);
  if (!table) {
    require(!table.error().empty());
    return 0;
  }
  require(!table->entries.empty() && table->expires.has_value());
  // The same entries once more are refused: they are in order.
  for (const auto& entry : table->entries) {
    auto again = *table;
    require(!again.append(entry));
    if (!table->expired(entry.from)) require(table->tai_offset(entry.from) == entry.tai_offset);
  }
  require(table->leap_at_end_of(*table->expires) == base::LeapIndicator::none);
  return 0;
}
