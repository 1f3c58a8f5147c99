// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/sources/acquisition_sockets.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "base/os/reconnect.hpp"
#include "base/os/socket.hpp"
#include "base/os/timestamps.hpp"

namespace gnomon::core {

namespace {

// What came too late for the last exchange is of no use to the next one.
void empty(int socket) {
  while (base::next_tx_timestamp(socket)) continue;
  std::array<std::uint8_t, 1> octet{};
  while (::recv(socket, octet.data(), octet.size(), MSG_DONTWAIT) >= 0) continue;
}

}  // namespace

AcquisitionSockets::AcquisitionSockets(std::vector<base::Fd> sockets, const char* name) : name_(name) {
  for (auto& socket : sockets) add(std::move(socket));
}

void AcquisitionSockets::add(base::Fd socket) {
  auto& its_kind = base::address_family(socket.get()) == AF_INET ? v4_ : v6_;
  ++its_kind.lent_or_free;
  its_kind.free.push_back(std::move(socket));
}

base::OsResult<base::Fd> AcquisitionSockets::lend(const base::Endpoint& to) {
  auto& its_kind = kind(to.address.family);
  if (its_kind.free.empty()) return std::unexpected(base::OsError{name_, EBUSY});
  auto socket = std::move(its_kind.free.back());
  its_kind.free.pop_back();
  if (const auto connected = base::reconnect(socket.get(), to); !connected) {
    take_back(std::move(socket), to.address.family);
    return std::unexpected(connected.error());
  }
  empty(socket.get());
  // TxTimestamps are counted from here on.
  [[maybe_unused]] const auto stamped = base::enable_timestamps(socket.get(), base::TimestampKind::receive);
  return socket;
}

void AcquisitionSockets::take_back(base::Fd socket, base::AddressFamily family) {
  // Where even loopback is down it stays connected to the server it had, which sends nothing unasked.
  [[maybe_unused]] const auto parked = base::park(socket.get(), family);
  kind(family).free.push_back(std::move(socket));
}

}  // namespace gnomon::core
