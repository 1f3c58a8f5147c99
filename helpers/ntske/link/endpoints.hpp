// SPDX-License-Identifier: GPL-2.0-or-later
// Addresses as Asio has them and as the rest of the daemon has them.
#pragma once

#include "async/asio.hpp"
#include "base/address.hpp"

namespace gnomon::ntske {

[[nodiscard]] base::Endpoint from_asio(const asio::ip::tcp::endpoint& endpoint);
[[nodiscard]] asio::ip::tcp::endpoint to_asio(const base::Endpoint& endpoint);  // of a specified address

}  // namespace gnomon::ntske
