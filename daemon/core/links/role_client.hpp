// SPDX-License-Identifier: GPL-2.0-or-later
// The core's end of the socketpair to one role: requests and their replies by id, and events. A role that
// dies costs its outstanding requests one more try once the launcher has connected a new one.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <set>
#include <string>

#include "async/channel.hpp"
#include "async/pending_replies.hpp"
#include "async/task_group.hpp"
#include "base/bytes.hpp"
#include "base/os/fd.hpp"
#include "base/time.hpp"
#include "ipc/codec.hpp"

namespace gnomon::core {

enum class RequestError : std::uint8_t {
  disconnected,  // the role is gone and did not come back in time, or died twice over this request
  timeout,
  not_understood  // the reply was no answer to this request
};

// A received frame with its octets; wiped when it goes, as it may hold keys.
class Reply {
 public:
  explicit Reply(const ipc::Frame& frame)
      : type_(frame.type), request_id_(frame.request_id), body_(frame.body.begin(), frame.body.end()) {}
  Reply(Reply&&) noexcept = default;
  Reply& operator=(Reply&&) noexcept = default;
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;
  ~Reply();
  [[nodiscard]] ipc::Frame frame() const { return {type_, request_id_, body_}; }

 private:
  ipc::MessageType type_;
  std::uint32_t request_id_;
  base::Buffer body_;
};

struct Timeout {
  base::Duration connection = std::chrono::seconds{15};  // for a new role when the old one is gone
  base::Duration reply = std::chrono::seconds{60};       // from when the request is made
};

class RoleClient {
 public:
  // on_event: a frame that is no reply (id 0). on_disconnect: the connection has ended; the text says why.
  // on_late: the reply to a request that was given up in the meantime.
  struct Handlers {
    std::function<bool(const ipc::Frame&)> on_event;  // false: not expected here, disconnect
    std::function<void(const std::string&)> on_disconnect;
    std::function<void(const ipc::Frame&)> on_late{};
  };
  RoleClient(async::TaskGroup& tasks, ipc::Link link, Handlers handlers);
  RoleClient(const RoleClient&) = delete;
  RoleClient& operator=(const RoleClient&) = delete;

  // Takes over our end of a fresh socketpair; an older connection is closed.
  void connect(base::Fd channel);
  [[nodiscard]] bool connected() const { return channel_ != nullptr; }
  void disconnect(const std::string& why);

  template <class Request>
  asio::awaitable<std::expected<Reply, RequestError>> request(const Request& request, Timeout timeout) {
    const auto id = pending_.next_id();
    return exchange(ipc::encode(request, id), id, timeout);
  }

 private:
  asio::awaitable<std::expected<Reply, RequestError>> exchange(base::Buffer datagram, std::uint32_t id,
                                                               Timeout timeout);
  asio::awaitable<std::expected<Reply, RequestError>> attempt(const base::Buffer& datagram, std::uint32_t id,
                                                              base::Duration timeout);
  asio::awaitable<bool> wait_for_connection(base::Duration timeout);
  void drop_connection();
  asio::awaitable<void> read_loop(base::Fd end);
  [[nodiscard]] bool accept(const ipc::Frame& frame);

  async::TaskGroup& tasks_;
  ipc::Link link_;
  Handlers handlers_;
  async::Channel* channel_ = nullptr;  // lives in read_loop()'s frame
  async::PendingReplies<Reply> pending_;
  std::set<async::Timer*> waiting_for_connection_;
};

}  // namespace gnomon::core
