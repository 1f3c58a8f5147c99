// SPDX-License-Identifier: GPL-2.0-or-later
// Our crypto callback device, as wolfCrypt calls it: random numbers from the kernel and, once there are
// faster primitives, what those compute.
#pragma once

#include "helpers/ntske/primitives/primitives.hpp"
#include "helpers/ntske/tls/tls.hpp"

namespace gnomon::ntske {

inline constexpr int crypto_device = 1;

// For the whole process, before its first context. Without `primitives` (nullptr) the device has random
// numbers only.
void register_crypto_device(const Primitives* primitives);
void unregister_crypto_device();

// Sessions of this context use the device, if it is registered.
void use_crypto_device(WOLFSSL_CTX& context);

}  // namespace gnomon::ntske
