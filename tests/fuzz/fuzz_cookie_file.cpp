// SPDX-License-Identifier: GPL-2.0-or-later
// Cookie files out of any text: what is accepted is written back to text that says the same.
#include "protocol/nts/cookie_file.hpp"
#include "tests/fuzz/require.hpp"

using namespace gnomon;
using namespace gnomon::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto file = parse_cookie_file(text);
  if (!file) {
    require(file.error().starts_with("line "));
    return 0;
  }
  require(!file->cookies.empty() && file->cookies.size() <= 8);
  const auto written = to_cookie_file(*file);
  const auto again = parse_cookie_file(written);
  require(again && to_cookie_file(*again) == written);
  return 0;
}
