// SPDX-License-Identifier: GPL-2.0-or-later
// Our clock's state in a line, as gnomond is told of it, and the moments at which time alone changes what is
// known of our clock. Owned by the core.
#pragma once

#include <functional>
#include <optional>

#include "async/loop.hpp"
#include "base/time.hpp"
#include "daemon/core/engine/values/reports.hpp"
#include "daemon/core/links/status_pace.hpp"
#include "ipc/launcher_messages.hpp"

namespace gnomon::core {

class ClockStatus {
 public:
  // A clock that may be wrong by more is not announced as synchronised to programs that wait for it.
  static constexpr base::Seconds most_error_told{0.5};

  explicit ClockStatus(async::Loop& loop) : loop_(loop), timer_(loop) {}

  // What gnomond is to be told now; nullopt: nothing, or not yet.
  [[nodiscard]] std::optional<ipc::Status> news(const engine::TrackingReport& tracking);
  // Something has changed: how long it holds is asked again.
  void changed() { timer_.wake(); }
  // Until it is cancelled. `holds`: how long what is known stays as it is; nullopt: for ever. `on_due`: it
  // does so no longer, or news that had to wait are due. news() is expected to be asked then.
  [[nodiscard]] asio::awaitable<void> follow(
      std::function<std::optional<base::Duration>(const base::Now& now)> holds, std::function<void()> on_due);

 private:
  async::Loop& loop_;
  StatusPace pace_;
  async::Timer timer_;
  base::MonoTime due_ = base::MonoTime::max();
};

}  // namespace gnomon::core
