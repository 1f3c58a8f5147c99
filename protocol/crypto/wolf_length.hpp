// SPDX-License-Identifier: GPL-2.0-or-later
// How many octets there are, as wolfCrypt takes it; ours are of a datagram or less.
#pragma once

#include <wolfssl/options.h>
// Its options come first.
#include <wolfssl/wolfcrypt/types.h>

#include "base/bytes.hpp"

namespace gnomon::protocol {

inline word32 length(base::Bytes bytes) {
  return static_cast<word32>(bytes.size());
}

}  // namespace gnomon::protocol
