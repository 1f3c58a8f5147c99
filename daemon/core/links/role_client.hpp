// SPDX-License-Identifier: GPL-2.0-or-later
// The core's end of the socketpair to one role: requests and their replies by id, and events. A role that
// dies costs its outstanding requests one more try once the launcher has connected a new one.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "async/asio.hpp"
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

// A received datagram with its frame; wiped when it goes, as it may hold keys.
class Reply {
 public:
  explicit Reply(base::Buffer datagram) : datagram_(std::move(datagram)) {}
  Reply(Reply&&) noexcept = default;
  Reply& operator=(Reply&&) noexcept = default;
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;
  ~Reply();
  [[nodiscard]] std::expected<ipc::Frame, ipc::FrameError> frame() const {
    return ipc::parse_frame(datagram_);
  }

 private:
  base::Buffer datagram_;
};

struct Timeout {
  base::Duration connection = std::chrono::seconds{15};  // for a new role when the old one is gone
  base::Duration reply = std::chrono::seconds{60};
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
  RoleClient(TaskGroup& tasks, ipc::Link link, Handlers handlers);
  RoleClient(const RoleClient&) = delete;
  RoleClient& operator=(const RoleClient&) = delete;

  // Takes over our end of a fresh socketpair; an older connection is closed.
  void connect(base::Fd channel);
  [[nodiscard]] bool connected() const { return connection_ != nullptr; }
  void disconnect(const std::string& why);

  template <class Request>
  asio::awaitable<std::expected<Reply, RequestError>> request(const Request& request, Timeout timeout) {
    const auto id = next_id_;
    next_id_ = next_id_ == UINT32_MAX ? 1 : next_id_ + 1;
    return exchange(ipc::encode(request, id), id, timeout);
  }

 private:
  using Socket = asio::generic::seq_packet_protocol::socket;
  struct Connection {
    Socket socket;
    base::Buffer buffer;
  };
  // A coroutine that waits for its reply; lives in the coroutine's frame.
  struct Pending {
    asio::steady_timer timer;  // ends by time, or early when there is news
    std::optional<Reply> reply;
    bool lost = false;
  };

  asio::awaitable<std::expected<Reply, RequestError>> exchange(base::Buffer datagram, std::uint32_t id,
                                                               Timeout timeout);
  asio::awaitable<std::expected<Reply, RequestError>> attempt(const base::Buffer& datagram, std::uint32_t id,
                                                              base::Duration timeout);
  asio::awaitable<bool> wait_for_connection(base::Duration timeout);
  void drop_connection();
  asio::awaitable<void> read_loop(Socket socket);
  [[nodiscard]] bool take(base::Bytes datagram);

  TaskGroup& tasks_;
  ipc::Link link_;
  Handlers handlers_;
  Connection* connection_ = nullptr;  // lives in read_loop()'s frame
  std::map<std::uint32_t, Pending*> pending_;
  std::set<asio::steady_timer*> waiting_for_connection_;
  std::uint32_t next_id_ = 1;
};

}  // namespace gnomon::core
