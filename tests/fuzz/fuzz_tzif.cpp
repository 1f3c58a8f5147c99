// SPDX-License-Identifier: GPL-2.0-or-later
// Compiled time zones out of any octets: what is accepted is a table with at least one leap second.
#include "daemon/core/engine/leap/tzif.hpp"
#include "tests/fuzz/require.hpp"

using namespace gnomon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto table = engine::parse_tzif_leaps({data, size});
  if (!table) {
    require(!table.error().empty());
    return 0;
  }
  require(table->entries.size() > 1);
  for (std::size_t i = 1; i < table->entries.size(); ++i) {
    const auto& entry = table->entries[i];
    require(entry.from > table->entries[i - 1].from);
    if (table->expired(entry.from)) continue;
    require(table->tai_offset(entry.from) == entry.tai_offset);
    require(table->leap_at_end_of(entry.from - base::Duration{1}) != base::LeapIndicator::none);
  }
  return 0;
}
