// SPDX-License-Identifier: GPL-2.0-or-later
// What gnomond is told of our clock, and when: news at once, but what changes all the time, as a server can
// make it do, once a second and in its newest state. Owned by the core. Time comes in as an argument.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "base/time.hpp"
#include "ipc/launcher_messages.hpp"

namespace gnomon::core {

class StatusPace {
 public:
  static constexpr base::Duration interval = std::chrono::seconds{1};
  static constexpr int at_once = 5;

  // Our clock's state now. What is to be told; nullopt: it is told already, or will be when it is due.
  [[nodiscard]] std::optional<ipc::Status> news(ipc::Status now_is, base::MonoTime now) {
    due_ = base::MonoTime::max();
    if (now_is.text == told_.text && now_is.synchronised == told_.synchronised) return std::nullopt;
    if (now < next_) {
      due_ = next_;
      return std::nullopt;
    }
    next_ = std::max(next_, now - (at_once - 1) * interval) + interval;
    told_ = std::move(now_is);
    return told_;
  }
  // When to look again; max: not for what is known.
  [[nodiscard]] base::MonoTime due() const { return due_; }

 private:
  ipc::Status told_;
  base::MonoTime next_;
  base::MonoTime due_ = base::MonoTime::max();
};

}  // namespace gnomon::core
