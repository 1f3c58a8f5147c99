// SPDX-License-Identifier: GPL-2.0-or-later
// The rtcfile out of any text: what is accepted is written so that it is read the same again.
#include <cmath>
#include <string>

#include "base/rtc_file.hpp"
#include "tests/fuzz/require.hpp"

using namespace gnomon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto file = base::parse_rtc_file(text);
  if (!file) return 0;
  const auto written = base::to_text(*file);
  const auto again = base::parse_rtc_file(written);
  require(again && base::to_text(*again) == written);
  require(std::isfinite(file->fast_at(0).count()) && std::isfinite(file->fast_at(9'000'000'000).count()));
  return 0;
}
