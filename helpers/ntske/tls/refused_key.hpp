// SPDX-License-Identifier: GPL-2.0-or-later
// Why a private key that openssl accepts cannot be used here.
#pragma once

#include <string>

#include "base/bytes.hpp"

namespace gnomon::ntske {

// Of a key in PEM; empty: not by its kind.
[[nodiscard]] std::string why_key_is_refused(base::Bytes pem);

}  // namespace gnomon::ntske
