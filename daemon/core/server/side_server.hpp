// SPDX-License-Identifier: GPL-2.0-or-later
// Answers requests that come to the socket of a source which has our server's port (`acquisitionport`,
// peers): by the same snapshot, rate limit and memory as the workers, in the core's own thread. Owned by the
// NtpServer.
#pragma once

#include <memory>
#include <optional>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "daemon/core/engine/serving/responder.hpp"
#include "daemon/core/server/server_counters.hpp"
#include "daemon/core/server/server_worker.hpp"

namespace gnomon::core {

class SideServer {
 public:
  explicit SideServer(const WorkerSettings& settings) : settings_(settings) {}

  void publish(engine::ServerSnapshot snapshot) { snapshot_ = std::move(snapshot); }
  // The octets of the answer in `out`, which is at least as large as the request; 0: none.
  [[nodiscard]] std::size_t answer(base::Bytes request, const base::IpAddress& client,
                                   base::RealTime received, base::MutableBytes out);
  [[nodiscard]] const ServerCounters& counters() const { return counters_; }

 private:
  WorkerSettings settings_;
  std::optional<engine::ServerSnapshot> snapshot_;
  ServerCounters counters_;
};

}  // namespace gnomon::core
