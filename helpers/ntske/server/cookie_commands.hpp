// SPDX-License-Identifier: GPL-2.0-or-later
// SourceRows for sealed cookies that are with the core: several at a time, each awaited by its session. Owned
// by the server role.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "async/asio.hpp"
#include "base/bytes.hpp"
#include "helpers/ntske/link/core_link.hpp"
#include "ipc/ntske_messages.hpp"

namespace gnomon::ntske {

class CookieRequests {
 public:
  explicit CookieRequests(CoreLink& link) : link_(link) {}

  // nullopt: the core refused, or the session was cut; it ends with Error 2.
  [[nodiscard]] asio::awaitable<std::optional<std::vector<base::Buffer>>> seal(ipc::SealCookies order);

  // The core's answer. False: it answers what was never asked. A session that is over meanwhile is no error.
  [[nodiscard]] bool fulfil(std::uint32_t request_id, std::optional<std::vector<base::Buffer>> cookies);

 private:
  struct Waiting;

  CoreLink& link_;
  std::uint32_t last_id_ = 0;
  std::unordered_map<std::uint32_t, Waiting*> waiting_;  // each lives in the frame of its session
};

}  // namespace gnomon::ntske
