// SPDX-License-Identifier: GPL-2.0-or-later
// Waits for a client's first TLS record before anything is spent on it: clients that send nothing, or an
// octet a second, cost a socket and a few hundred octets.
#pragma once

#include <cstdint>

#include "async/asio.hpp"

namespace gnomon::ntske {

enum class FirstRecord : std::uint8_t {
  there,   // whole, or something that TLS must refuse
  closed,  // by the peer, before a word
  cut      // by us
};
// Reads nothing. The socket must be non-blocking.
[[nodiscard]] asio::awaitable<FirstRecord> first_record(asio::ip::tcp::socket& socket);

}  // namespace gnomon::ntske
