// SPDX-License-Identifier: GPL-2.0-or-later
// Addresses and ports as Asio has them, and as base has them.
#pragma once

#include "async/asio.hpp"
#include "base/address.hpp"

namespace gnomon::async {

[[nodiscard]] base::Endpoint from_asio(const asio::ip::tcp::endpoint& endpoint);
[[nodiscard]] asio::ip::tcp::endpoint to_asio(const base::Endpoint& endpoint);  // of a specified address

}  // namespace gnomon::async
