// SPDX-License-Identifier: GPL-2.0-or-later
// SHA-256 over wolfCrypt's own state, so that the library may go on copying it; only the compression is the
// primitives'.
#pragma once

#include <wolfssl/options.h>
// options.h first: it says how the library was built.
#include <wolfssl/wolfcrypt/sha256.h>

#include "helpers/ntske/primitives/primitives.hpp"

namespace gnomon::ntske {

void add_octets(const Primitives& primitives, wc_Sha256& hash, Input octets);
// The digest (32 octets), then the state of a new hash. 0, or wolfCrypt's error.
[[nodiscard]] int finish(const Primitives& primitives, wc_Sha256& hash, std::uint8_t* digest);

}  // namespace gnomon::ntske
