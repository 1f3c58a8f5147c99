// SPDX-License-Identifier: GPL-2.0-or-later
// The server half: one worker and thread per socket, and what they answer by. Owned by the core, used from
// its main thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/access.hpp"
#include "base/clock.hpp"
#include "base/os/error.hpp"
#include "base/os/fd.hpp"
#include "base/rate_limiter.hpp"
#include "config/config.hpp"
#include "daemon/core/server/latch.hpp"
#include "daemon/core/server/server_worker.hpp"
#include "daemon/core/server/side_server.hpp"
#include "daemon/core/server/signing_queue.hpp"

namespace gnomon::core {

// Simulated time has room for one thread only: there the core's event loop serves the sockets (server_task).
enum class ServerThreads : std::uint8_t { one_each, none };

class NtpServer {
 public:
  // Threads start here, since under the system call filter none can, but read nothing before open().
  // `clock`: outlives it, read by all threads.
  NtpServer(std::vector<base::Fd> sockets, const config::ServerSettings& settings, const base::Clock& clock,
            ServerThreads threads = ServerThreads::one_each, base::Hardware hardware = base::Hardware::no,
            std::vector<base::Fd> ptp_sockets = {});
  ~NtpServer();  // ends the threads
  NtpServer(const NtpServer&) = delete;
  NtpServer& operator=(const NtpServer&) = delete;

  void open();
  // A socket that was opened later, without a thread: none can be started any more. The worker is to be
  // served by serve_here(); it answers nothing before the next set_keys() and publish().
  ServerWorker& add(base::Fd socket);
  [[nodiscard]] bool serves() const { return !workers_.empty(); }
  [[nodiscard]] bool has_threads() const { return !threads_.empty(); }
  [[nodiscard]] std::vector<ServerWorker*> workers() const;
  // The first seals, all open; empty: no NTS. Takes effect with the next publish().
  void set_keys(std::span<const protocol::KeySet> keys);
  // Likewise; null: requests with a MAC are dropped.
  void set_symmetric_keys(std::shared_ptr<const protocol::SymmetricKeys> keys) {
    symmetric_keys_ = std::move(keys);
  }
  // `allow` and `deny` at run time. Takes effect with the next publish().
  void change_access(const base::AccessRule& rule) { access_.add(rule); }
  // As the configuration has them now. Takes effect with the next publish().
  void set_access(const std::vector<base::AccessRule>& rules) { access_ = base::AccessTable{rules}; }
  void set_rate_limit(const std::optional<base::RateLimit>& limit);
  [[nodiscard]] bool allows(const base::IpAddress& client) const { return access_.allows(client); }
  // Who a host of `allow` or `deny` is. Takes effect with the next publish().
  void set_addresses(const std::string& host, std::span<const base::IpAddress> addresses) {
    access_.set_addresses(host, addresses);
  }
  // Likewise; null: no network card timestamps.
  void set_nics(std::shared_ptr<const engine::NicTable> nics) { nics_ = std::move(nics); }
  void publish(const engine::ServerView& view);
  // A request that came to another socket with our port: answers it into `out` as a worker would; the octets
  // written, 0: no answer.
  [[nodiscard]] std::size_t answer(base::Bytes request, const base::IpAddress& client,
                                   base::RealTime received, base::MutableBytes out);
  // What is to be signed; null: nothing (`ntpsigndsocket`).
  [[nodiscard]] SigningQueue* signing() { return signing_ ? &*signing_ : nullptr; }
  [[nodiscard]] ServerTotals totals() const;
  // The same apart: of each thread, and of what the core's event loop serves, if it does.
  [[nodiscard]] std::vector<ServerTotals> totals_of_threads() const;
  [[nodiscard]] std::optional<ServerTotals> totals_of_loop() const;
  // Of all services; null: there is none (`noclientlog`).
  [[nodiscard]] engine::ClientLog* client_log() { return client_log_ ? &*client_log_ : nullptr; }
  // So that sources know which server they have queried.
  [[nodiscard]] OwnRequests& own_requests() { return own_requests_; }
  // A worker could not go on: why. Its clients get no answers any more.
  [[nodiscard]] std::optional<base::OsError> failure() const;
  // Readable as soon as there is a failure; -1: no threads.
  [[nodiscard]] int failed() const { return failed_.get(); }
  // What the clock showed before tells an interleaving client nothing any more.
  void clock_was_set();

 private:
  struct Seat {
    std::unique_ptr<ServerWorker> worker;
    std::shared_ptr<const protocol::CookieSealer> sealer;  // its own: a sealer serves one thread
  };
  [[nodiscard]] WorkerSettings worker_settings();
  void start_threads();
  void close();
  [[nodiscard]] engine::ServerSnapshot snapshot(const engine::ServerView& view,
                                                std::shared_ptr<const protocol::CookieSealer> sealer) const;

  config::ServerSettings settings_;
  const base::Clock& clock_;
  base::AccessTable access_;
  std::optional<base::RateLimiter>
      limiter_;  // one, as a client has one limit however many workers it reaches
  std::shared_ptr<base::RateLimiter> later_limiter_;  // in its place, once a reload has changed it
  std::optional<engine::ClientLog> client_log_;
  base::Fd stop_;
  base::Fd failed_;
  std::optional<engine::TransmitMemory> memory_;  // none: no interleaved mode
  OwnRequests own_requests_;
  std::optional<SigningQueue> signing_;
  std::shared_ptr<const protocol::SymmetricKeys> symmetric_keys_;
  std::shared_ptr<const engine::NicTable> nics_;
  std::vector<Seat> workers_;
  std::optional<SideServer> side_;  // unless nobody is served
  std::shared_ptr<const protocol::CookieSealer> side_sealer_;
  Latch opened_{1};
  Latch started_;
  base::Hardware hardware_;
  std::atomic<int> failure_{0};  // errno of a worker's poll()
  bool open_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace gnomon::core
