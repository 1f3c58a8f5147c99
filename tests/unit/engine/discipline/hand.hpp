// SPDX-License-Identifier: GPL-2.0-or-later
// A timekeeper fed by hand: one source whose samples a test makes up, no clock behind it.
#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include "base/address.hpp"
#include "daemon/core/engine/discipline/timekeeper.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

// A hand-made sample: the source's clock is `offset` ahead of ours.
inline Sample sample(const base::Now& now, double offset) {
  Sample s;
  s.time = now.real;
  s.mono = now.mono;
  s.offset = base::Seconds{offset};
  s.delay = base::Seconds{0.001};
  s.dispersion = base::Seconds{1e-6};
  s.root_dispersion = base::Seconds{1e-4};
  s.root_delay = base::Seconds{1e-3};
  s.stratum = {1};
  return s;
}

struct Hand {  // samples by hand, no clock behind it
  explicit Hand(TimekeeperSettings s, config::Source source = {}) : timekeeper(std::move(s)) {
    source.name = "ntp.example";
    timekeeper.add({base::SourceId{1}, source, *base::parse_address("192.0.2.1"), false});
    static_cast<void>(timekeeper.update(base::SourceId{1}, {.reach = 1}, std::nullopt, now));
  }
  Decisions give(double offset, base::Duration after = 2s) {
    now.real += after;
    now.mono += after;
    return timekeeper.update(base::SourceId{1}, {.reach = 1}, sample(now, offset), now);
  }
  Timekeeper timekeeper;
  base::Now now{base::RealTime{1'800'000'000s}, base::MonoTime{100s}};
};

template <class Command>
std::optional<Command> find(const Decisions& d) {
  for (const auto& c : d.commands)
    if (const auto* found = std::get_if<Command>(&c)) return *found;
  return std::nullopt;
}

}  // namespace gnomon::testing
