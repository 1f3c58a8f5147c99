// SPDX-License-Identifier: GPL-2.0-or-later
// Answers NTP requests on one socket in one thread: a batch in, groups of answers out. Per packet nothing is
// locked or allocated; what answers depend on is looked at once per batch. Owned by the NtpServer.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "base/clock.hpp"
#include "base/os/error.hpp"
#include "base/os/fd.hpp"
#include "base/os/timestamps.hpp"
#include "daemon/core/engine/serving/responder.hpp"
#include "daemon/core/server/server_counters.hpp"
#include "daemon/core/server/signing_queue.hpp"
#include "daemon/core/server/transmit_forecast.hpp"
#include "daemon/core/server/tx_timestamps.hpp"
#include "daemon/core/sources/own_requests.hpp"

namespace gnomon::core {

struct WorkerSettings {
  const base::Clock& clock;                           // outlives the worker
  engine::ServerMemory memory;                        // likewise
  OwnRequests* own_requests = nullptr;                // outlives the worker
  SigningQueue* signing = nullptr;                    // outlives the worker; null: nothing is signed
  std::size_t tx_buffers = TxTimestamps::usual_room;  // maxtxbuffers
  base::Hardware hardware = base::Hardware::no;       // whether network cards timestamp
  std::optional<std::uint8_t> ptp_domain{};           // requests come within PTP messages of this domain
};

class ServerWorker {
 public:
  // `socket`: bound, UDP. Prepares its options; throws std::system_error when it is no such socket.
  ServerWorker(base::Fd socket, const WorkerSettings& settings);
  ~ServerWorker();
  ServerWorker(const ServerWorker&) = delete;
  ServerWorker& operator=(const ServerWorker&) = delete;

  // From any thread. Until the first snapshot nothing is answered.
  void publish(std::shared_ptr<const engine::ServerSnapshot> snapshot);
  [[nodiscard]] const ServerCounters& counters() const { return counters_; }

  // The thread's work, until `stop` (an eventfd) is readable. Unexpected: the socket cannot be waited for.
  [[nodiscard]] base::OsResult<void> run(int stop);
  // What is there now, for whoever waits for it in another way; bounded, so that others get their turn.
  void serve_pending();
  [[nodiscard]] int socket() const { return socket_.get(); }

 private:
  struct Batch;

  [[nodiscard]] std::shared_ptr<const engine::ServerSnapshot> snapshot() const;
  // Takes and answers what is there; how many datagrams that were.
  [[nodiscard]] unsigned serve_batch();
  void serve_group(const engine::ServerSnapshot& snapshot, unsigned first, unsigned count,
                   TransmitForecast& forecast);
  void serve_one(const engine::ServerSnapshot& snapshot, unsigned index, base::RealTime transmit);
  // When that was.
  [[nodiscard]] base::Now await_forecast(const TransmitForecast& forecast) const;
  void send_answers();
  void hand_to_signing(const engine::Answer& answer, base::Bytes octets, const base::SocketAddress& client,
                       const base::Arrival& arrival);
  void count_sent(unsigned first, unsigned count);
  void collect_tx_timestamps();

  const base::Clock& clock_;
  base::Fd socket_;
  int family_;
  engine::ServerMemory memory_;
  OwnRequests* own_requests_;
  std::optional<TxTimestamps> tx_timestamps_;  // with a memory
  SigningQueue* signing_;
  base::Hardware hardware_;
  std::optional<std::uint8_t> ptp_domain_;
  TransmitForecast after_pause_;  // of the first answer then: nothing of what it takes is in the caches
  TransmitForecast at_work_;
  std::unique_ptr<Batch> batch_;
  ServerCounters counters_;
  mutable std::mutex mutex_;  // of current_, held for the copy of a pointer
  std::shared_ptr<const engine::ServerSnapshot> current_;
};

}  // namespace gnomon::core
