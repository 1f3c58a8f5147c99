// SPDX-License-Identifier: GPL-2.0-or-later
// The text of all metrics, as the core gave it a moment ago: however many ask, the core is asked at most once
// in that time. Owned by the role.
#pragma once

#include <array>
#include <memory>
#include <set>
#include <string>

#include "async/channel.hpp"
#include "async/loop.hpp"
#include "ipc/metrics_messages.hpp"

namespace gnomon::metrics {

inline constexpr base::Duration text_moment = std::chrono::milliseconds{500};
inline constexpr base::Duration longest_wait = std::chrono::seconds{2};

class CoreText {
 public:
  using Text = std::shared_ptr<const std::string>;  // those who send it keep it for as long as that takes

  CoreText(async::Loop& loop, async::Channel& core) : loop_(loop), core_(core) {}
  CoreText(const CoreText&) = delete;
  CoreText& operator=(const CoreText&) = delete;

  // Null: the core has not answered within longest_wait.
  [[nodiscard]] asio::awaitable<Text> text(ipc::MetricsFormat format);
  // A frame of the core. False: it answers what was not asked, or is too long.
  [[nodiscard]] bool accept(const ipc::Frame& frame);

 private:
  struct Kept {
    Text text;
    base::MonoTime good_until{};
    std::uint32_t asked = 0;  // the request that is not answered yet; 0: none
    base::MonoTime asked_at{};
    std::string arriving;
    std::set<async::Timer*> waiting;
  };
  [[nodiscard]] asio::awaitable<void> ask(ipc::MetricsFormat format);

  async::Loop& loop_;
  async::Channel& core_;
  std::uint32_t last_request_ = 0;
  std::array<Kept, 2> kept_;  // one for each format
};

}  // namespace gnomon::metrics
