// SPDX-License-Identifier: GPL-2.0-or-later
// The sockets of a probe: sends a request, waits for what comes back. Blocks.
#pragma once

#include <vector>

#include "base/os/fd.hpp"
#include "helpers/probe/prober.hpp"
#include "ipc/probe_messages.hpp"

namespace gnomon::probe {

class Exchanger {
 public:
  // Sockets that are bound to the port that ProbePort::given means, at most one of a family.
  explicit Exchanger(std::vector<base::Fd> given) : given_(std::move(given)) {}

  void use(protocol::NtsSession session) { prober_.use(std::move(session)); }
  [[nodiscard]] ipc::ProbeAnswer exchange(const ipc::ProbeExchange& wanted);
  [[nodiscard]] ipc::ProbeBurstAnswer burst(const ipc::ProbeBurst& wanted);

 private:
  // -1: errno says why, 0 that none was given.
  [[nodiscard]] int socket_for(const ipc::ProbeExchange& wanted);
  void await(int socket, const ProbeRequest& request, base::Duration wait, ipc::ProbeAnswer& answer);

  Prober prober_;
  std::vector<base::Fd> given_;
  base::Fd socket_;
};

}  // namespace gnomon::probe
