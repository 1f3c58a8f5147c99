// SPDX-License-Identifier: GPL-2.0-or-later
// gnomond's part towards the core when both are one process: hears that it is ready and has finished, passes
// signals on. Owned by the single process.
#pragma once

#include "async/asio.hpp"
#include "base/os/fd.hpp"
#include "daemon/launcher/roles/start_report.hpp"
#include "ipc/frame.hpp"

namespace gnomon::sim {

class Launcher {
 public:
  Launcher(asio::io_context& io, base::Fd channel, launcher::StartLog& log, launcher::StartReport& report);
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;
  void start();

 private:
  asio::awaitable<void> hear_core();
  void pass_signals_on();
  void tell_core(const base::Buffer& datagram);

  asio::generic::seq_packet_protocol::socket core_;
  launcher::StartLog& log_;
  launcher::StartReport& report_;
};

}  // namespace gnomon::sim
