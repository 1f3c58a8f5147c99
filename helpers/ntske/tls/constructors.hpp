// SPDX-License-Identifier: GPL-2.0-or-later
// wolfSSL makes X25519 keys, and the hashes of its key schedule, without naming a device, and for every
// session a generator that tests itself first, although ours never asks it. This program therefore has the
// constructors of these objects, which the library, too, finds here: they are public functions of a shared
// library, whose own calls the loader resolves in the program first. Where a wolfSSL is bound to its own
// functions (-Bsymbolic), they are not reached, and wolfCrypt computes those.
#pragma once

#include <cstdint>

namespace gnomon::ntske {

inline constexpr int crypto_device = 1;  // its number among wolfCrypt's

enum class DeviceUse : std::uint8_t {
  nothing,      // there is no device of ours
  as_named,     // by objects that are made for it
  by_everyone,  // by objects that are made for no device as well
};
void let_use_device(DeviceUse use);

}  // namespace gnomon::ntske
