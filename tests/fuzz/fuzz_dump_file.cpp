// SPDX-License-Identifier: GPL-2.0-or-later
// Dump files out of any text: what is accepted is written back to text that says the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "daemon/core/engine/values/dump_file.hpp"

using namespace gnomon::engine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto dump = parse_dump(std::string(data, data + size));
  if (!dump) return 0;
  const auto written = to_text(*dump);
  // Digits beyond those that are written may go; after that nothing changes.
  const auto again = parse_dump(written);
  if (!again || to_text(*again) != written) std::abort();
  return 0;
}
