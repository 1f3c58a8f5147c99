// SPDX-License-Identifier: GPL-2.0-or-later
// The core's end of the channel to gnomon-metrics: answers with a text, one request after the other and no
// more than ten in a second, whatever is asked. Owned by the core.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "async/channel.hpp"
#include "async/task_group.hpp"
#include "base/os/fd.hpp"
#include "ipc/metrics_messages.hpp"

namespace gnomon::core {

class MetricsLink {
 public:
  static constexpr base::Duration pause = std::chrono::milliseconds{100};  // between two requests

  struct Handlers {
    std::function<std::string(ipc::MetricsFormat)> text;
    std::function<void(const std::string&)> on_disconnect{};  // the text says why
  };
  MetricsLink(async::TaskGroup& tasks, Handlers handlers) : tasks_(tasks), handlers_(std::move(handlers)) {}
  MetricsLink(const MetricsLink&) = delete;
  MetricsLink& operator=(const MetricsLink&) = delete;

  // Takes over our end of a fresh socketpair; an older connection is closed.
  void connect(base::Fd channel) { tasks_.spawn("metrics link", serve(std::move(channel))); }
  [[nodiscard]] bool connected() const { return channel_ != nullptr; }

 private:
  asio::awaitable<void> serve(base::Fd end);
  // Until the channel ends: how.
  [[nodiscard]] asio::awaitable<async::ChannelEnd> answer_requests(async::Channel& channel);
  [[nodiscard]] asio::awaitable<bool> send(async::Channel& channel, std::string text, std::uint32_t id);

  async::TaskGroup& tasks_;
  Handlers handlers_;
  async::Channel* channel_ = nullptr;  // lives in serve()'s frame
};

}  // namespace gnomon::core
