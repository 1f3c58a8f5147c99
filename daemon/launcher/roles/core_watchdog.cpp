// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/core_watchdog.hpp"

#include <utility>

namespace gnomon::launcher {

base::MonoTime CoreWatchdog::when() const {
  return unanswered_since_ ? *unanswered_since_ + interval_ * 3 / 4 : next_ping_;
}

std::optional<base::MonoTime> CoreWatchdog::next_look() const {
  return is_watched() ? std::optional{when()} : std::nullopt;
}

// systemd's watchdog would end a core that hangs with all the others at once: gnomon-clock could not bring
// the clock back to a rate at which it may be left alone.
CoreWatchdog::Due CoreWatchdog::look(base::MonoTime now) {
  if (!is_watched() || now < when()) return Due::nothing;
  next_ping_ = now + interval_;
  if (unanswered_since_) {
    unanswered_since_.reset();
    answers_ = false;
    return Due::kill;
  }
  if (answers_) unanswered_since_ = now;
  ++pings_;
  return Due::ping;
}

// Once for each ping: what is passed on is no more than the service manager has asked for.
bool CoreWatchdog::on_reply(std::uint32_t number) {
  if (number != pings_ || std::exchange(answered_, pings_) == pings_) return false;
  answers_ = true;
  unanswered_since_.reset();
  return is_watched();
}

}  // namespace gnomon::launcher
