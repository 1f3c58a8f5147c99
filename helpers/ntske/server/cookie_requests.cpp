// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/server/cookie_requests.hpp"

#include "ipc/codec.hpp"

namespace gnomon::ntske {

asio::awaitable<CookieRequests::Cookies> CookieRequests::seal(ipc::SealCookies request) {
  const auto id = pending_.next_id();
  async::PendingReplies<Cookies>::Request pending{pending_, loop_, id};
  auto datagram = ipc::encode(request, id);
  [[maybe_unused]] const bool sent = co_await core_.send(std::move(datagram));
  auto cookies = co_await pending.reply();
  co_return std::move(cookies).value_or(std::nullopt);
}

}  // namespace gnomon::ntske
