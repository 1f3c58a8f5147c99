// SPDX-License-Identifier: GPL-2.0-or-later
// The socket of one client exchange: a fresh random port (or acquisitionport), connected to the server, with
// kernel timestamps of what left and what came. That of a peer has our server's port and stays open. Owned by
// a source task for as long as it listens.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/loop.hpp"
#include "base/os/error.hpp"
#include "base/os/fd.hpp"
#include "base/os/timestamps.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/association/association.hpp"
#include "daemon/core/engine/values/nic_table.hpp"
#include "daemon/core/sources/acquisition_sockets.hpp"
#include "protocol/ntp/packet.hpp"
#include "protocol/ntp/ptp_envelope.hpp"

namespace gnomon::core {

// The present one, never null; no function: no network card timestamps.
using NicTables = std::function<std::shared_ptr<const engine::NicTable>()>;

// From where a source's packets are to leave.
struct LocalPort {
  std::optional<std::uint16_t> number{};               // nullopt: a fresh random one
  const std::vector<base::IpAddress>* bind = nullptr;  // at most one of each family; never null
  const std::string* device = nullptr;                 // never null
  AcquisitionSockets* lender = nullptr;                // of sockets that were bound for us; never null
};

struct ExchangeOptions {
  int dscp = 0;
  NicTables nics{};
  std::optional<std::uint8_t> ptp_domain{};  // packets go within PTP messages of this domain
};

class ExchangeSocket {
 public:
  // Errors are the operating system's: no route, no such family, no permission. `loop` and the lender outlive
  // it.
  [[nodiscard]] static base::OsResult<ExchangeSocket> open(async::Loop& loop, const base::Endpoint& to,
                                                           const LocalPort& from,
                                                           const ExchangeOptions& wanted);
  [[nodiscard]] base::OsResult<void> send(base::Bytes request);
  // An answer to a request that came here; nobody asks when it left.
  void answer(base::Bytes datagram);
  [[nodiscard]] const base::Endpoint& local() const { return local_; }
  // Ends when there may be something to receive, or with an error when it was cancelled.
  [[nodiscard]] auto readable() {
    return descriptor_->async_wait(asio::posix::descriptor_base::wait_read, tok);
  }
  // The next datagram, nullopt: none there. The view into it holds until the next call.
  [[nodiscard]] std::optional<engine::Received> receive();
  // The network card has not told yet when the request left, and may still do so.
  [[nodiscard]] bool awaits_card() const { return awaits_card_; }
  // When the request left, as far as that is known now.
  [[nodiscard]] const engine::Stamp& look_for_departure() {
    take_tx_timestamps();
    return sent_;
  }

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
                 bool stamped, NicTables nics)
      : clock_(&clock),
        descriptor_(std::move(descriptor)),
        local_(local),
        nics_(std::move(nics)),
        stamped_(stamped) {}
  [[nodiscard]] bool send_datagram(base::Bytes datagram);  // false: errno says why
  void count_sent();
  void take_tx_timestamps();
  void take(const base::TxTimestamp& reported);
  [[nodiscard]] engine::Stamp stamp_of(const base::Arrival& arrival, std::size_t size, base::RealTime now);

  const base::Clock* clock_;  // never null; the socket can be moved
  OwnedDescriptor descriptor_;
  base::Endpoint local_;
  engine::Stamp sent_;
  NicTables nics_;
  bool stamped_;                  // the kernel says when packets left, and counts them
  std::uint32_t packets_ = 0;     // sent
  std::uint32_t unreported_ = 0;  // of these the kernel has yet to say when they left
  // Who will say when this one left, the last request.
  std::optional<std::uint32_t> awaited_{};
  bool awaits_kernel_ = false;
  bool awaits_card_ = false;                // likewise, and better
  std::optional<std::uint8_t> ptp_domain_;  // over PTP
  std::array<std::uint8_t, protocol::max_datagram_size + protocol::ptp_envelope_size> buffer_{};
};

}  // namespace gnomon::core
