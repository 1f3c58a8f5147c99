// SPDX-License-Identifier: GPL-2.0-or-later
// Command datagrams on a socket, and the way back.
#pragma once

#include <array>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/os/socket.hpp"
#include "base/os/timestamps.hpp"
#include "protocol/cmdmon/codes.hpp"

namespace gnomon::core::cmdmon {

// Memory of one datagram on its way in and of its reply on its way out.
class Datagram {
 public:
  // The next that waits; false: there is none, or the socket has an error to be taken from it.
  [[nodiscard]] bool receive(int socket);
  // Back to the sender, or nowhere when it cannot be reached at once.
  void reply(int socket, base::Bytes octets);

  // Empty when it was longer than any request.
  [[nodiscard]] base::Bytes octets() const { return base::Bytes{octets_}.first(size_); }
  // Over a Unix socket, as simulators have it: a real core has none that could be sent from.
  [[nodiscard]] bool from_unix() const { return sender_.storage.ss_family == AF_UNIX; }
  // Over UDP; otherwise unspecified.
  [[nodiscard]] base::Endpoint sender() const { return base::to_endpoint(sender_); }
  [[nodiscard]] base::IpAddress client() const { return sender().address; }

 private:
  std::array<std::uint8_t, protocol::cmdmon::longest_request> octets_{};
  std::size_t size_ = 0;
  base::SocketAddress sender_;
  base::Arrival arrival_;
  base::ControlBuffer control_;
};

}  // namespace gnomon::core::cmdmon
