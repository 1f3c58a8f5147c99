// SPDX-License-Identifier: GPL-2.0-or-later
// The NTS-KE client for `gnomonctl probe`: one session at a time, looked at and not judged.
#pragma once

#include <chrono>

#include "async/channel.hpp"
#include "async/loop.hpp"
#include "helpers/ntske/tls/trust_store.hpp"
#include "ipc/probe_messages.hpp"

namespace gnomon::ntske {

inline constexpr std::chrono::seconds probe_session_limit{8};

class ProbeRole {
 public:
  // Takes the channel to gnomonctl over. `session_limit`: from the request to its answer.
  ProbeRole(async::Loop& loop, base::Fd channel, TrustStore trust,
            std::chrono::milliseconds session_limit = probe_session_limit);

  // Until gnomonctl closes the channel or breaks the protocol.
  [[nodiscard]] asio::awaitable<async::ChannelEnd> run();

 private:
  [[nodiscard]] asio::awaitable<ipc::Inspected> inspect(const ipc::Inspect& request);

  async::Loop& loop_;
  async::Channel user_;
  TrustStore trust_;
  std::chrono::milliseconds session_limit_;
};

}  // namespace gnomon::ntske
