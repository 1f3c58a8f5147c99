// SPDX-License-Identifier: GPL-2.0-or-later
// What commands such as `dns` and `timeout` change for those that follow in the same run. Owned by the run.
#pragma once

#include <chrono>
#include <optional>

namespace gnomon::ctl {

struct SessionSettings {
  std::optional<bool> reverse_lookups;  // addresses by their names in DNS
  std::optional<std::chrono::milliseconds> time_limit;
  bool ended = false;

  // What the other has set counts from now on.
  void update(const SessionSettings& later) {
    if (later.reverse_lookups) reverse_lookups = later.reverse_lookups;
    if (later.time_limit) time_limit = later.time_limit;
    ended = ended || later.ended;
  }
};

}  // namespace gnomon::ctl
