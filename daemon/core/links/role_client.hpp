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

// How long a role on demand stays without a request: longer than most retries, so that trouble starts no
// processes.
inline constexpr base::Duration role_idle_limit = std::chrono::seconds{60};

class RoleClient {
 public:
  // on_event: a frame that is no reply (id 0). on_disconnect: the connection has ended; the text says why.
  // on_late: the reply to a request that was given up in the meantime.
  struct Handlers {
    std::function<bool(const ipc::Frame&)> on_event;  // false: not expected here, disconnect
    std::function<void(const std::string&)> on_disconnect;
    std::function<void(const ipc::Frame&)> on_late{};
    // Of a role on demand: there is a request and no connection; nothing has been asked for a while, and the
    // connection is closed when this returns.
    std::function<void()> on_wanted{};
    std::function<void()> on_idle{};
  };
  RoleClient(async::TaskGroup& tasks, ipc::Link link, Handlers handlers);
  RoleClient(const RoleClient&) = delete;
  RoleClient& operator=(const RoleClient&) = delete;

  // Takes over our end of a fresh socketpair; an older connection is closed.
  void connect(base::Fd channel);
  [[nodiscard]] bool connected() const { return channel_ != nullptr; }
  // Whether it is not there because it is not needed.
  [[nodiscard]] bool rests() const { return rests_; }
  // A role on demand is not idle before that.
  void stay_for(base::Duration duration);
  void disconnect(const std::string& why);

  template <class Request>
  asio::awaitable<std::expected<Reply, RequestError>> request(const Request& request, Timeout timeout) {
    const auto id = pending_.next_id();
    return exchange(ipc::encode(request, id), id, timeout);
  }

 private:
  class Busy {
   public:
    explicit Busy(RoleClient& role);
    ~Busy();
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

   private:
    RoleClient& role_;
  };
  asio::awaitable<std::expected<Reply, RequestError>> exchange(base::Buffer datagram, std::uint32_t id,
                                                               Timeout timeout);
  asio::awaitable<std::expected<Reply, RequestError>> attempt(const base::Buffer& datagram, std::uint32_t id,
                                                              base::Duration timeout);
  asio::awaitable<void> release_when_idle();
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
  async::Timer idle_;
  base::MonoTime idle_from_{};  // not before
  int exchanges_ = 0;
  bool rests_ = false;
};

}  // namespace gnomon::core
