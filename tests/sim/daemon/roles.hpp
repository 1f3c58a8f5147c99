// SPDX-License-Identifier: GPL-2.0-or-later
// The helpers as coroutines of one event loop, each at its end of a socketpair. Owned by the single process;
// they end when the core closes its ends.
#pragma once

#include <optional>
#include <vector>

#include "async/asio.hpp"
#include "base/os/fd.hpp"
#include "base/os/log.hpp"
#include "config/command_line.hpp"
#include "config/config.hpp"
#include "daemon/launcher/files/rtc.hpp"
#include "helpers/clock/loop.hpp"
#include "helpers/metrics/metrics_role.hpp"
#include "helpers/ntske/client/client_role.hpp"
#include "helpers/ntske/server/server_role.hpp"
#include "helpers/refclock/service.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::sim {

class Roles {
 public:
  // Starts what the configuration needs, and says in `setup` where the core finds each. The listeners and
  // the sockets of `refclock SOCK` are taken over. Throws std::system_error or
  // std::runtime_error.
  Roles(async::Loop& loop, const config::CommandLine& options, const config::Config& config,
        std::vector<base::Fd> ke_listeners, std::vector<base::Fd> sample_sockets,
        std::vector<base::Fd> metrics_listeners, ipc::CoreSetup& setup, base::Log& log);
  Roles(const Roles&) = delete;
  Roles& operator=(const Roles&) = delete;

  // How the clock runs, when it is to be steered.
  [[nodiscard]] std::optional<ipc::ClockReading> read_clock();

 private:
  [[nodiscard]] base::Fd connect(int& core_end);
  void start_clock(const config::CommandLine& options, const config::Config& config, int& core_end);
  void start_resolver(int& core_end);
  void start_ke_client(const config::Config& config, int& core_end);
  void start_ke_server(const config::Config& config, std::vector<base::Fd> listeners, ipc::CoreSetup& setup);
  void start_refclocks(const config::Config& config, std::vector<base::Fd> sockets, int& core_end);
  void start_metrics(std::vector<base::Fd> listeners, int& core_end);
  asio::awaitable<void> poll_refclocks();
  asio::awaitable<void> read_refclock(int descriptor);
  asio::awaitable<void> serve_clock(base::Fd channel);
  asio::awaitable<void> serve_names(base::Fd channel);

  async::Loop& loop_;
  asio::io_context& io_;
  base::Log& log_;
  ntske::TlsLibrary tls_;
  base::KernelClock kernel_;
  launcher::RealTimeClock rtc_parts_;
  std::optional<clock::KernelRtc> rtc_device_;
  std::optional<clock::Rtc> rtc_;
  std::optional<clock::ClockService> clock_;
  std::optional<ntske::ClientRole> ke_client_;
  std::optional<ntske::ServerRole> ke_server_;
  std::optional<metrics::MetricsRole> metrics_;
  std::optional<refclock::Service> refclocks_;
  std::optional<asio::posix::stream_descriptor> refclock_channel_;
};

}  // namespace gnomon::sim
