// SPDX-License-Identifier: GPL-2.0-or-later
// Carries out what one association wants (wait, resolve, establish, exchange) and tells it what came of that.
// Each step is returned to the table of sources, which owns the task. Owns the association.
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

// A request came to a source's socket, which has our server's port: answers it as the server does. What is to
// be sent back is in `out`, so many octets of it; 0: nothing.
using AnswerRequest = std::function<std::size_t(const engine::Received& request, base::MutableBytes out)>;

// What all source tasks work with; outlives them.
struct SourceServices {
  async::Loop& loop;
  ResolveClient& resolver;
  KeClient& ke;
  config::ClientSettings client;
  config::ServerSettings server;  // whose port and address peers know us by
  int dscp = 0;
  OwnRequests* own_requests;  // null: we serve nobody, ourselves neither
  AcquisitionSockets& acquisition;
  AcquisitionSockets& peers;  // bound to our server's port
  AnswerRequest answer;       // none: we serve nobody
  // Our clock, for packets to peers.
  std::function<engine::PeerClock(const base::Now&)> our_clock;
  AcquisitionSockets& ptp_sockets;  // bound to ptpport
  NicTables nics{};
  base::Duration tx_timeout{};  // how long an answer waits for when the network card saw its request leave
  // What was kept of an NTS-KE server by the last run.
  std::function<engine::Kept(const base::IpAddress&)> load_kept;
  // The operating system would not send a request.
  std::function<void(SourceTask&, const base::OsError&)> on_send_failed;
  // Something came in answer to a request. None: nobody wants to know.
  std::function<void(base::SourceId, const engine::Received&)> on_packet{};
  // Of a name's addresses those that no other source has. None where none was found.
  std::function<std::vector<base::IpAddress>(const SourceTask&, std::vector<base::IpAddress>)> usable;
};

class SourceTask {
 public:
  SourceTask(SourceServices& services, engine::Association association);
  SourceTask(const SourceTask&) = delete;
  SourceTask& operator=(const SourceTask&) = delete;

  // Carries out what the last step wanted, and makes the next one. What that wants (Step::action) stays here.
  [[nodiscard]] asio::awaitable<engine::Step> next();
  [[nodiscard]] bool finished() const { return std::holds_alternative<engine::Finish>(action_); }
  // From outside the task: interrupts what it is doing.
  void interrupt(const engine::Interrupt& interrupt);
  [[nodiscard]] engine::Association& association() { return association_; }
  [[nodiscard]] const engine::Association& association() const { return association_; }
  // Of the last request; code 0: it was sent, or there was none yet.
  [[nodiscard]] const base::OsError& send_failure() const { return send_failure_; }

 private:
  [[nodiscard]] engine::Step resume(const engine::Event& event);
  asio::awaitable<engine::Event> carry_out(engine::Action action);
  asio::awaitable<engine::Event> wait(engine::Wait wanted);
  asio::awaitable<engine::Event> resolve(engine::Resolve wanted);
  asio::awaitable<engine::Event> establish(engine::Establish wanted);
  asio::awaitable<engine::Event> exchange(engine::Exchange wanted);
  asio::awaitable<engine::Event> listen(base::MonoTime give_up);
  // Sources that are asked at `ptpport` get their packets within PTP messages, which go from the same port.
  [[nodiscard]] bool is_over_ptp(const base::Endpoint& to) const;
  [[nodiscard]] LocalPort local_port(engine::Port port, const base::Endpoint& to) const;
  asio::awaitable<engine::Stamp> await_departure();
  [[nodiscard]] base::OsResult<void> open_and_send(engine::Exchange& wanted);
  [[nodiscard]] bool is_request(base::Bytes datagram) const;
  void answer(const engine::Received& request);
  [[nodiscard]] engine::Event interrupted();
  void arm(base::MonoTime until);

  SourceServices& services_;
  engine::Association association_;
  bool started_ = false;
  engine::Action action_;  // what the last step wants
  async::Timer timer_;     // ends every action: by its time, or at once by an interrupt
  std::deque<engine::Interrupt> interrupts_;
  std::optional<ExchangeSocket> socket_;
  base::Buffer request_;  // sent on that socket
  base::OsError send_failure_;
};

}  // namespace gnomon::core
