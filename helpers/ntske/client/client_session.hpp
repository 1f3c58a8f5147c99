// SPDX-License-Identifier: GPL-2.0-or-later
// One NTS-KE session from the client's side: connect, handshake, request, response (RFC 8915 section 4).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

#include "async/loop.hpp"
#include "base/address.hpp"
#include "helpers/ntske/tls/peer_check.hpp"
#include "helpers/ntske/tls/tls_stream.hpp"
#include "helpers/ntske/tls/trust_store.hpp"
#include "ipc/ntske_messages.hpp"
#include "ipc/probe_messages.hpp"
#include "protocol/nts/session.hpp"

namespace gnomon::ntske {

// How far a session has come, for the message when its time is over.
enum class ClientPhase : std::uint8_t { connecting, handshake, waiting_for_answer };

using KeResult = std::expected<protocol::NtsSession, protocol::KeFailure>;

// Lives from the request to the end of the connection; not moved, the TLS session points into it.
class ClientSession {
 public:
  ClientSession(async::Loop& loop, const ipc::Establish& request, const TrustStore& trust,
                const std::vector<base::IpAddress>& bind_addresses);
  ClientSession(const ClientSession&) = delete;
  ClientSession& operator=(const ClientSession&) = delete;

  // For a probe: nothing is refused for its certificate, and `seen` gets what there is to see. Outlives this.
  void look(ipc::Inspected& seen);

  // The caller sets the deadline and calls close() after it. Cancel-safe.
  [[nodiscard]] asio::awaitable<KeResult> establish();
  void close();
  [[nodiscard]] protocol::KeFailure timed_out() const;

 private:
  using Failure = std::optional<protocol::KeFailure>;
  [[nodiscard]] asio::awaitable<Failure> open_connection();
  [[nodiscard]] asio::awaitable<Failure> shake_hands();
  void describe_handshake();
  [[nodiscard]] base::Duration since_begin() const { return loop_.now().mono - begun_; }
  [[nodiscard]] Failure bind_local(asio::ip::tcp::socket& socket) const;
  [[nodiscard]] asio::awaitable<KeResult> exchange();
  [[nodiscard]] asio::awaitable<std::expected<base::Buffer, protocol::KeFailure>> read_response();
  [[nodiscard]] KeResult read_session(base::Bytes message);

  async::Loop& loop_;
  const ipc::Establish& request_;
  const TrustStore& trust_;
  const std::vector<base::IpAddress>& bind_addresses_;
  ipc::Inspected* seen_ = nullptr;  // of a probe
  base::MonoTime begun_;
  ClientPhase phase_ = ClientPhase::connecting;
  TlsContext context_;
  PeerCheck check_;
  std::optional<TlsStream> stream_;
};

}  // namespace gnomon::ntske
