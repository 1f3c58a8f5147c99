// SPDX-License-Identifier: GPL-2.0-or-later
// Our own clock served as a reference when no source is to be had (chrony's `local`). Owned by the
// timekeeper.
#pragma once

#include <cstdint>
#include <optional>
#include <tuple>

#include "base/time.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/values/operator_command.hpp"

namespace gnomon::engine {

class LocalReference {
 public:
  explicit LocalReference(const std::optional<config::Local>& settings) : settings_(settings) {}

  void apply(const ServeLocal& command);
  // `local activate`: our clock was at that root distance once.
  void look(base::Seconds distance);
  // Our clock as `local` sees it.
  struct Clock {
    std::optional<base::Seconds> distance;  // root distance; nullopt: not synchronised
    base::Seconds since_start{};
    std::optional<base::Seconds> since_update;  // nullopt: there was no clock update
  };
  // Whether it is to be served now.
  [[nodiscard]] bool takes_over(const Clock& clock) const;
  // After how long takes_over() may say something else without another update; rate: at which the root
  // distance grows, s/s. nullopt: never.
  [[nodiscard]] std::optional<base::Seconds> holds_for(const Clock& clock, double rate) const;
  [[nodiscard]] std::uint8_t stratum() const;
  // Who serves its own time as an orphan takes others of that stratum for its like.
  [[nodiscard]] std::optional<int> orphan_stratum() const;

  // All of it, for records (engine/replay).
  [[nodiscard]] auto state(this auto& self) { return std::tie(self.settings_, self.activated_); }

 private:
  std::optional<config::Local> settings_;
  bool activated_ = false;
};

}  // namespace gnomon::engine
