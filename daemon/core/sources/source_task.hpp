// SPDX-License-Identifier: GPL-2.0-or-later
// Carries out what one association wants (wait, resolve, establish, exchange) and tells it what came of that.
// Owns the association; owned by the table of sources.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "daemon/core/engine/association/association.hpp"
#include "daemon/core/links/ke_client.hpp"
#include "daemon/core/links/resolve_client.hpp"
#include "daemon/core/sources/exchange_socket.hpp"
#include "daemon/core/sources/own_requests.hpp"

namespace gnomon::core {

class SourceTask;

// What all source tasks work with; outlives them.
struct SourceServices {
  asio::io_context& io;
  ResolveClient& resolver;
  KeClient& ke;
  config::ClientSettings client;
  int dscp = 0;
  OwnRequests* own_requests;  // null: we serve nobody, ourselves neither
  AcquisitionSockets& acquisition;
  // What came of one step: a sample, notes, a new address.
  std::function<void(SourceTask&, engine::Step&)> on_step;
  // What was kept of an NTS-KE server by the last run.
  std::function<engine::Kept(const base::IpAddress&)> load_kept;
  // The operating system would not send a request.
  std::function<void(SourceTask&, const base::OsError&)> on_send_failed;
  // Of a name's addresses those that no other source has.
  std::function<std::vector<base::IpAddress>(const SourceTask&, std::vector<base::IpAddress>)> usable;
};

class SourceTask {
 public:
  SourceTask(SourceServices& services, engine::Association association);
  SourceTask(const SourceTask&) = delete;
  SourceTask& operator=(const SourceTask&) = delete;

  // Until the association is finished.
  [[nodiscard]] asio::awaitable<void> run();
  // From outside the task: interrupts what it is doing.
  void interrupt(const engine::Interrupt& interrupt);
  [[nodiscard]] engine::Association& association() { return association_; }
  [[nodiscard]] const engine::Association& association() const { return association_; }

 private:
  [[nodiscard]] engine::Step resume(const engine::Event& event);
  asio::awaitable<engine::Event> carry_out(engine::Action action);
  asio::awaitable<engine::Event> wait(engine::Wait order);
  asio::awaitable<engine::Event> resolve(engine::Resolve order);
  asio::awaitable<engine::Event> establish(engine::Establish order);
  asio::awaitable<engine::Event> exchange(engine::Exchange order);
  asio::awaitable<engine::Event> listen(base::MonoTime give_up);
  [[nodiscard]] base::OsResult<void> open_and_send(engine::Exchange& order);
  [[nodiscard]] engine::Event interrupted();
  void arm(base::MonoTime until);

  SourceServices& services_;
  engine::Association association_;
  asio::steady_timer timer_;  // ends every action: when its time is over, or at once on an interrupt
  std::deque<engine::Interrupt> interrupts_;
  std::optional<ExchangeSocket> socket_;
  base::Buffer asked_;  // on that socket
};

}  // namespace gnomon::core
