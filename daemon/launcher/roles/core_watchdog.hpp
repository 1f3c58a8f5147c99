// SPDX-License-Identifier: GPL-2.0-or-later
// Whether the core still answers, on behalf of systemd's watchdog, which hears of life only what the core's
// replies tell. Time comes in as an argument. Owned by the supervisor.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"

namespace gnomon::launcher {

class CoreWatchdog {
 public:
  // `interval`: from ping to ping; 0: nobody watches us, and nothing is ever due.
  CoreWatchdog(base::Duration interval, base::MonoTime now) : interval_(interval), next_ping_(now) {}

  enum class Due : std::uint8_t {
    nothing,
    ping,  // number() is to be sent
    kill   // the core has answered before and does not any more
  };
  [[nodiscard]] Due look(base::MonoTime now);
  [[nodiscard]] std::uint32_t number() const { return pings_; }
  // Whether systemd is to hear of this reply.
  [[nodiscard]] bool on_reply(std::uint32_t number);
  // When something is due; nullopt: never.
  [[nodiscard]] std::optional<base::MonoTime> next_look() const;

 private:
  [[nodiscard]] bool is_watched() const { return interval_ > base::Duration{0}; }
  [[nodiscard]] base::MonoTime when() const;

  base::Duration interval_;
  base::MonoTime next_ping_;
  std::uint32_t pings_ = 0;     // the last one's number
  std::uint32_t answered_ = 0;  // of the last one that was
  bool answers_ = false;        // the core has answered one
  std::optional<base::MonoTime> unanswered_since_;
};

}  // namespace gnomon::launcher
