// SPDX-License-Identifier: GPL-2.0-or-later
// What the details of a KeFailure begin with where more is made of them than text.
#pragma once

#include <string_view>

namespace gnomon::protocol {

// Of tls_handshake: what came first was no TLS.
inline constexpr std::string_view no_tls_server = "what answered is no TLS server";

}  // namespace gnomon::protocol
