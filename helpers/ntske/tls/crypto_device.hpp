// SPDX-License-Identifier: GPL-2.0-or-later
// Our crypto callback device, as wolfCrypt calls it: random numbers from the kernel and, once there are
// faster primitives, what those compute.
#pragma once

#include <wolfssl/options.h>
// options.h first: it says how the library was built.
#include <wolfssl/ssl.h>

#include "helpers/ntske/primitives/primitives.hpp"
#include "helpers/ntske/tls/constructors.hpp"

namespace gnomon::ntske {

// For the whole process, before its first context. Without `primitives` (nullptr) the device has random
// numbers only.
void register_crypto_device(const Primitives* primitives);
void unregister_crypto_device();

// Sessions of this context use the device, if it is registered.
void use_crypto_device(WOLFSSL_CTX& context);

}  // namespace gnomon::ntske
