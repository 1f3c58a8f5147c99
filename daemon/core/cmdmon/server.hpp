// SPDX-License-Identifier: GPL-2.0-or-later
// Answers chrony's control protocol: one task for each socket and for what the launcher passes on, one
// request at a time, and as often as its turns allow for each of those who may only look. Owned by the core.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "async/channel.hpp"
#include "async/task_group.hpp"
#include "base/access.hpp"
#include "base/os/fd.hpp"
#include "base/rate_limiter.hpp"
#include "config/config.hpp"
#include "daemon/core/cmdmon/answer.hpp"
#include "daemon/core/cmdmon/datagrams.hpp"
#include "daemon/core/cmdmon/guest_turns.hpp"
#include "daemon/core/cmdmon/open_commands.hpp"
#include "daemon/core/cmdmon/source_memory.hpp"
#include "daemon/core/control/reporter.hpp"
#include "daemon/core/engine/serving/client_log.hpp"
#include "ipc/command_messages.hpp"

namespace gnomon::core::cmdmon {

class CommandServer {
 public:
  // `sockets`: bound datagram sockets: UDP, and a simulator's Unix socket, through which everybody may do
  // everything. `relay`: our end of the channel through which the launcher passes on what came to its Unix
  // socket, none: it has none. `own`: the user we run as, which says nothing for a sender: it is that of the
  // resolver too, under the unit. `clients`: null, nobody is counted.
  CommandServer(async::TaskGroup& tasks, std::vector<base::Fd> sockets, base::Fd relay,
                const config::ControlSettings& settings, uid_t own, control::Reporter& reporter,
                engine::ClientLog* clients = nullptr);
  CommandServer(const CommandServer&) = delete;
  CommandServer& operator=(const CommandServer&) = delete;

  void start();
  // `cmdallow` and `cmddeny` at run time.
  void change_access(const base::AccessRule& rule) { access_.add(rule); }
  // As the configuration has them now.
  void set_access(const std::vector<base::AccessRule>& rules) { access_ = base::AccessTable{rules}; }
  void set_rate_limit(const std::optional<config::RateLimit>& limit);
  // Who a host of the configuration's rules is.
  void set_addresses(const std::string& host, std::span<const base::IpAddress> addresses) {
    access_.set_addresses(host, addresses);
  }
  [[nodiscard]] bool allows(const base::IpAddress& client) const { return access_.allows(client); }
  [[nodiscard]] std::uint64_t hits() const { return hits_; }
  [[nodiscard]] std::uint64_t drops() const { return drops_; }

 private:
  asio::awaitable<void> serve(const base::Fd& socket);
  void serve_one(int socket, Datagram& datagram);
  asio::awaitable<void> serve_relay(base::Fd end);
  [[nodiscard]] asio::awaitable<bool> serve_relayed(async::Channel& channel, const ipc::Frame& frame);
  [[nodiscard]] Answer answer_relayed(const ipc::CommandRequest& request);
  [[nodiscard]] bool is_welcome(const Datagram& datagram) const;
  // Within cmdratelimit, and the turns of who may only look; counts it for the client log.
  [[nodiscard]] bool admits(const Datagram& datagram, Right right);
  [[nodiscard]] base::Admission admission_of(const Datagram& datagram, Right right, base::MonoTime now);
  [[nodiscard]] Answer answer_one(const wire::Header& header, base::Bytes octets, Right right);

  async::TaskGroup& tasks_;
  std::vector<base::Fd> sockets_;
  base::Fd relay_;  // until start()
  base::AccessTable access_;
  OpenCommands open_;
  base::RateLimiter limiter_;
  uid_t own_;
  control::Reporter& reporter_;
  engine::ClientLog* clients_;
  SourceMemory memory_;
  GuestTurns turns_;
  std::uint64_t hits_ = 0;
  std::uint64_t drops_ = 0;
};

}  // namespace gnomon::core::cmdmon
