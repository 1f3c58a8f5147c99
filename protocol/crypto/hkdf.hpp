// SPDX-License-Identifier: GPL-2.0-or-later
// HKDF with SHA-256 (RFC 5869): keys from a longer-lived secret.
#pragma once

#include "base/bytes.hpp"
#include "base/secret.hpp"

namespace gnomon::protocol {

// 32 octets, as random as `input` is as a whole, whatever its length. Input and salt: below 64 KiB.
[[nodiscard]] base::Secret hkdf_extract(base::Bytes salt, base::Bytes input);
// Fills `out`, at most 255 * 32 octets; another `info` gives octets that tell nothing of these.
void hkdf_expand(const base::Secret& key, base::Bytes info, base::MutableBytes out);

}  // namespace gnomon::protocol
