// SPDX-License-Identifier: GPL-2.0-or-later
// Requests for sealed cookies that are with the core: several at a time, each awaited by its session. Owned
// by the server role.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "async/channel.hpp"
#include "async/pending_replies.hpp"
#include "base/bytes.hpp"
#include "ipc/ntske_messages.hpp"

namespace gnomon::ntske {

class CookieRequests {
 public:
  using Cookies = std::optional<std::vector<base::Buffer>>;  // none: the core refused
  CookieRequests(async::Loop& loop, async::Channel& core) : loop_(loop), core_(core) {}

  // nullopt: the core refused, or the session was cancelled; it ends with Error 2.
  [[nodiscard]] asio::awaitable<Cookies> seal(ipc::SealCookies request);

  // The core's answer. False: it answers what was never asked. A session that is over meanwhile is no error.
  [[nodiscard]] bool fulfil(std::uint32_t request_id, Cookies cookies) {
    return pending_.fulfil(request_id, std::move(cookies)) || pending_.was_made(request_id);
  }

 private:
  async::Loop& loop_;
  async::Channel& core_;
  async::PendingReplies<Cookies> pending_;
};

}  // namespace gnomon::ntske
