// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/server/cookie_commands.hpp"

#include <utility>

#include "ipc/codec.hpp"

namespace gnomon::ntske {

// On the map exactly as long as it exists, so that a cancelled session leaves nothing behind.
struct CookieRequests::Waiting {
  Waiting(CookieRequests& owner, std::uint32_t request_id, const asio::any_io_executor& executor)
      : orders(owner), id(request_id), answered(executor, asio::steady_timer::time_point::max()) {
    orders.waiting_.emplace(id, this);
  }
  ~Waiting() { orders.waiting_.erase(id); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  CookieRequests& orders;
  std::uint32_t id;
  asio::steady_timer answered;
  bool done = false;
  std::optional<std::vector<base::Buffer>> cookies;
};

asio::awaitable<std::optional<std::vector<base::Buffer>>> CookieRequests::seal(ipc::SealCookies order) {
  if (++last_id_ == 0) ++last_id_;  // 0 marks events
  const auto executor = co_await asio::this_coro::executor;
  Waiting waiting{*this, last_id_, executor};
  auto datagram = ipc::encode(order, waiting.id);
  co_await link_.send(std::move(datagram));
  while (!waiting.done) {
    const auto [ec] = co_await waiting.answered.async_wait(tok);
    // Cancelled by fulfil(), or by who cuts the session.
    if (ec && !waiting.done) break;
  }
  co_return std::move(waiting.cookies);
}

bool CookieRequests::fulfil(std::uint32_t request_id, std::optional<std::vector<base::Buffer>> cookies) {
  const auto found = waiting_.find(request_id);
  if (found == waiting_.end()) return request_id != 0 && request_id <= last_id_;
  found->second->cookies = std::move(cookies);
  found->second->done = true;
  found->second->answered.cancel();
  return true;
}

}  // namespace gnomon::ntske
