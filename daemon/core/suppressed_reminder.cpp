// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/suppressed_reminder.hpp"

#include "async/every.hpp"
#include "base/log_throttle.hpp"

namespace gnomon::core {

void SuppressedReminder::on_message() {
  const bool rests = !last_message_;
  last_message_ = loop_.now().mono;
  if (rests) timer_.wake();
}

asio::awaitable<void> SuppressedReminder::run() {
  const auto until_late = [this] {
    return last_message_ ? *last_message_ + base::flood_interval - loop_.now().mono : base::Duration::max();
  };
  co_await async::every(timer_, until_late, [this] { remind(); });
}

void SuppressedReminder::remind() {
  log_.report_suppressed();
  if (last_message_ && loop_.now().mono - *last_message_ >= base::flood_interval) last_message_.reset();
}

}  // namespace gnomon::core
