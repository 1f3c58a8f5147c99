// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/clock/clock_set_watch.hpp"

#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>

namespace gnomon::core {

base::OsResult<base::Fd> open_clock_events() {
  base::Fd events{timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK)};
  if (!events) return std::unexpected(base::last_error("timerfd_create"));
  constexpr itimerspec never{.it_interval = {},
                             .it_value = {.tv_sec = 9'000'000'000, .tv_nsec = 0}};  // year 2255
  if (timerfd_settime(events.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr) != 0)
    return std::unexpected(base::last_error("timerfd_settime"));
  return events;
}

asio::awaitable<void> ClockSetWatch::watch() {
  while (true) {
    const auto [error] = co_await descriptor_.async_wait(asio::posix::descriptor_base::wait_read, tok);
    if (error) co_return;
    // Fails with ECANCELED, and so takes note of the change.
    std::array<std::uint8_t, sizeof(std::uint64_t)> expirations{};
    static_cast<void>(::read(descriptor_.native_handle(), expirations.data(), expirations.size()));
    on_set_();
  }
}

}  // namespace gnomon::core
