// SPDX-License-Identifier: GPL-2.0-or-later
// Requests that went over a channel and wait for their replies, by id: several at a time, each awaited by the
// coroutine that made it. Owned by who reads the channel.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "async/loop.hpp"

namespace gnomon::async {

template <class Reply>
class PendingReplies {
 public:
  // On the table exactly as long as it exists: it lives in its coroutine's frame, and one that is cancelled
  // leaves nothing behind.
  class Request {
   public:
    Request(PendingReplies& table, Loop& loop, std::uint32_t id) : table_(table), id_(id), answered_(loop) {
      table_.requests_.emplace(id_, this);
    }
    ~Request() { table_.requests_.erase(id_); }
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;

    // nullopt: none came within the timeout, it is lost, or the task is cancelled.
    [[nodiscard]] asio::awaitable<std::optional<Reply>> reply(
        base::Duration timeout = base::Duration::max()) {
      answered_.expires_after(timeout);
      if (!reply_ && !lost_) static_cast<void>(co_await answered_.wait());
      co_return std::move(reply_);
    }
    [[nodiscard]] bool lost() const { return lost_; }

   private:
    friend class PendingReplies;
    PendingReplies& table_;
    std::uint32_t id_;
    Timer answered_;
    std::optional<Reply> reply_;
    bool lost_ = false;
  };

  PendingReplies() = default;
  PendingReplies(const PendingReplies&) = delete;
  PendingReplies& operator=(const PendingReplies&) = delete;

  // For the next request; never 0, which marks events.
  [[nodiscard]] std::uint32_t next_id() {
    if (++last_id_ == 0) ++last_id_;
    return last_id_;
  }
  // Whether there has been such a request, waited for or given up.
  [[nodiscard]] bool was_made(std::uint32_t id) const { return id != 0 && id <= last_id_; }
  // False: nobody waits for it, or not any more.
  [[nodiscard]] bool fulfil(std::uint32_t id, Reply reply) {
    const auto found = requests_.find(id);
    if (found == requests_.end()) return false;
    found->second->reply_.emplace(std::move(reply));  // one before is destroyed, and wiped
    found->second->answered_.wake();
    return true;
  }
  // No reply will come: the channel has ended.
  void lose_all() {
    for (auto& [id, request] : requests_) {
      request->lost_ = true;
      request->answered_.wake();
    }
  }

 private:
  std::uint32_t last_id_ = 0;
  std::map<std::uint32_t, Request*> requests_;
};

}  // namespace gnomon::async
