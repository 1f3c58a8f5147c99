// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/crypto/sha1.hpp"

#include <wolfssl/options.h>
// before what uses its settings
#include <wolfssl/wolfcrypt/sha.h>

#include <stdexcept>

namespace gnomon::protocol {

Sha1 sha1(base::Bytes data) {
  wc_Sha state{};
  Sha1 digest{};
  const bool done = wc_InitSha(&state) == 0 &&
                    wc_ShaUpdate(&state, data.data(), static_cast<word32>(data.size())) == 0 &&
                    wc_ShaFinal(&state, digest.data()) == 0;
  wc_ShaFree(&state);
  if (!done) throw std::runtime_error{"SHA-1 is not available in this wolfSSL"};
  return digest;
}

}  // namespace gnomon::protocol
