// SPDX-License-Identifier: GPL-2.0-or-later
// The socket of one client exchange: a fresh random port (or acquisitionport), connected to the server, with
// kernel timestamps of what left and what came. Owned by a source task for as long as it listens.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "async/loop.hpp"
#include "base/os/error.hpp"
#include "base/os/fd.hpp"
#include "base/os/timestamps.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/association/association.hpp"
#include "daemon/core/sources/acquisition_sockets.hpp"
#include "protocol/ntp/packet.hpp"

namespace gnomon::core {

class ExchangeSocket {
 public:
  // Errors are the operating system's: no route, no such family, no permission. `loop` and `lender` outlive
  // it.
  [[nodiscard]] static base::OsResult<ExchangeSocket> open(async::Loop& loop, const base::Endpoint& to,
                                                           const config::ClientSettings& client, int dscp,
                                                           AcquisitionSockets& lender);
  // Once.
  [[nodiscard]] base::OsResult<void> send(base::Bytes request);
  // Ends when there may be something to receive, or with an error when it was cancelled.
  [[nodiscard]] auto readable() {
    return descriptor_->async_wait(asio::posix::descriptor_base::wait_read, tok);
  }
  // The next datagram, nullopt: none there. The view into it holds until the next call.
  [[nodiscard]] std::optional<engine::Received> receive();

 private:
  using Descriptor = asio::posix::stream_descriptor;
  // Closes its own, gives a lent one back.
  struct PutAway {
    AcquisitionSockets* lender = nullptr;
    base::AddressFamily family = base::AddressFamily::unspecified;
    void operator()(Descriptor* descriptor) const;
  };
  using OwnedDescriptor = std::unique_ptr<Descriptor, PutAway>;

  ExchangeSocket(const base::Clock& clock, OwnedDescriptor descriptor, const base::Endpoint& local,
                 bool stamped)
      : clock_(&clock), descriptor_(std::move(descriptor)), local_(local), awaits_tx_timestamp_(stamped) {}
  void take_tx_timestamp();

  const base::Clock* clock_;  // never null; the socket can be moved
  OwnedDescriptor descriptor_;
  base::Endpoint local_;
  engine::Stamp sent_;
  bool awaits_tx_timestamp_;  // the kernel will say when the request left
  std::array<std::uint8_t, protocol::max_datagram_size> buffer_{};
};

}  // namespace gnomon::core
