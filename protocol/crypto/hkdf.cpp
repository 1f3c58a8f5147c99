// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/crypto/hkdf.hpp"

#include <wolfssl/options.h>
//
#include <wolfssl/wolfcrypt/hmac.h>

#include <array>
#include <stdexcept>

#include "protocol/crypto/wolf_length.hpp"

namespace gnomon::protocol {
base::Secret hkdf_extract(base::Bytes salt, base::Bytes input) {
  std::array<std::uint8_t, WC_SHA256_DIGEST_SIZE> key{};
  if (wc_HKDF_Extract(WC_SHA256, salt.data(), length(salt), input.data(), length(input), key.data()) != 0)
    throw std::logic_error("wolfCrypt does not extract a key");
  base::Secret extracted{key};
  base::wipe(key);
  return extracted;
}

void hkdf_expand(const base::Secret& key, base::Bytes info, base::MutableBytes out) {
  const auto octets = key.reveal();
  if (wc_HKDF_Expand(WC_SHA256, octets.data(), length(octets), info.data(), length(info), out.data(),
                     length(out)) != 0)
    throw std::logic_error("wolfCrypt does not expand a key");
}

}  // namespace gnomon::protocol
