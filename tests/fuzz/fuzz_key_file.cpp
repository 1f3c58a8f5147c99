// SPDX-License-Identifier: GPL-2.0-or-later
// Files of server keys out of any text: what is accepted is written back to text that says the same.
#include "protocol/nts/cookie.hpp"
#include "tests/fuzz/require.hpp"

using namespace gnomon;
using namespace gnomon::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto file = parse_key_file(text);
  if (!file) {
    require(file.error().starts_with("line "));
    return 0;
  }
  const auto written = to_key_file(file->set, file->age);
  const auto again = parse_key_file(written);
  require(again && to_key_file(again->set, again->age) == written);
  const CookieSealer sealer{file->set};
  const SessionKeys keys{AeadId::aes_128_gcm_siv, base::Secret{base::Buffer(16, 1)},
                         base::Secret{base::Buffer(16, 2)}};
  base::Buffer cookie(sealer.cookie_size(keys.aead));
  require(sealer.seal(keys, NonceEntropy{}, cookie));
  require(CookieSealer{again->set}.open(cookie).has_value());
  return 0;
}
