// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/clock_status.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <utility>

#include "async/every.hpp"

namespace gnomon::core {

namespace {

constexpr std::size_t longest_text = 200;  // as ipc::Status says

std::string text_of(const engine::TrackingReport& tracking) {
  if (!engine::is_synchronised(tracking)) return "Not synchronised";
  return fmt::format("Synchronised to {}, stratum {}", tracking.name, tracking.stratum)
      .substr(0, longest_text);
}

bool is_within(const engine::TrackingReport& tracking, base::Seconds limit) {
  const auto bound = engine::error_bound(tracking);
  return bound && *bound <= limit;
}

}  // namespace

std::optional<ipc::Status> ClockStatus::news(const engine::TrackingReport& tracking) {
  return pace_.news({.text = text_of(tracking), .synchronised = is_within(tracking, most_error_told)},
                    loop_.now().mono);
}

asio::awaitable<void> ClockStatus::follow(
    std::function<std::optional<base::Duration>(const base::Now& now)> holds, std::function<void()> on_due) {
  const auto until_change = [&] {
    const auto now = loop_.now();
    const auto held = holds(now);
    due_ = std::min(held ? now.mono + *held : base::MonoTime::max(), pace_.due());
    return due_ == base::MonoTime::max() ? base::Duration::max() : due_ - now.mono;
  };
  const auto tell = [&] {
    if (loop_.now().mono >= due_) on_due();  // sooner: woken, another time counts
  };
  co_await async::every(timer_, until_change, tell);
}

}  // namespace gnomon::core
