// SPDX-License-Identifier: GPL-2.0-or-later
// Hours of the timekeeper's life with sources that say whatever the input says: it orders nothing beyond its
// limits, and neither its memory (-rss_limit_mb) nor the time of a round (-timeout) grows. Eight octets are
// one event; the input is played until there have been enough.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <span>
#include <variant>

#include "base/bytes.hpp"
#include "daemon/core/engine/discipline/timekeeper.hpp"
#include "tests/fuzz/require.hpp"

using namespace gnomon;
using namespace gnomon::engine;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t octets_of_event = 8;
constexpr int rounds = 600;
constexpr std::uint32_t sources = 12;  // more than steer together

struct Life {
  Timekeeper keeper;
  base::Now now{base::RealTime{1'800'000'000s}, base::MonoTime{1000s}};
  TimekeeperSettings settings;
};

// 0 to 2^31 times the unit, either sign: small values as likely as large ones.
double spread(std::uint8_t octet, double unit) {
  return (octet & 1U ? -1 : 1) * std::ldexp(unit, (octet >> 1U) % 32) * (octet < 4 ? 0 : 1);
}

void pass(Life& life, base::Duration time) {
  life.now.real += time;
  life.now.mono += time;
}

void carry_out(Life& life, const Decisions& decisions) {
  const double largest = 1e6;  // ppm
  for (const auto& command : decisions.commands) {
    if (const auto* rate = std::get_if<SetRate>(&command)) {
      require(std::fabs(rate->frequency.value) <= life.settings.clock.max_drift.value);
      require(std::fabs(rate->slew.value) <= largest && rate->duration >= 0s);
      static_cast<void>(life.keeper.on_clock_changed(
          {life.now.real, rate->frequency.ratio() + rate->slew.ratio(), {}}, life.now));
    } else if (const auto* step = std::get_if<StepClock>(&command)) {
      life.now.real += step->offset;
      static_cast<void>(life.keeper.on_clock_changed({life.now.real, 0, step->offset}, life.now));
    }
  }
}

Sample sample_of(const Life& life, std::span<const std::uint8_t> event) {
  Sample sample;
  sample.time = life.now.real - base::to_duration(base::Seconds{std::fabs(spread(event[2], 1e-6))});
  sample.mono = life.now.mono;
  sample.offset = base::Seconds{spread(event[3], 1e-7)};
  sample.delay = base::Seconds{std::fabs(spread(event[4], 1e-7))};
  sample.dispersion = base::Seconds{1e-7};
  sample.root_dispersion = base::Seconds{std::ldexp(1e-6, event[5] % 20)};
  sample.stratum = {static_cast<std::uint8_t>(event[6] % 18)};
  sample.leap = static_cast<base::LeapIndicator>(event[6] / 64);
  return sample;
}

void play(Life& life, std::span<const std::uint8_t> event) {
  const base::SourceId id{event[0] % sources + 1};
  pass(life, base::to_duration(base::Seconds{std::ldexp(0.01, event[1] % 20)}));
  switch (event[7] % 16) {
    case 0:
      life.keeper.remove(id);
      life.keeper.add({.id = id, .source = {}, .address = {}});
      return;
    case 1:
      return carry_out(life, life.keeper.reset(life.now));
    case 2: {
      const auto jump = base::to_duration(base::Seconds{spread(event[3], 1e-3)});
      life.now.real += jump;
      return carry_out(life, life.keeper.on_clock_jumped(jump, life.now));
    }
    case 3:
      return carry_out(life, life.keeper.on_tick(life.now));
    case 4:
      return carry_out(life, life.keeper.update(id, {.reach = event[2]}, std::nullopt, life.now));
    default:
      carry_out(life, life.keeper.update(id, {.reach = 255}, sample_of(life, event), life.now));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span input(data, std::min<std::size_t>(size, octets_of_event * rounds));
  if (input.size() < octets_of_event) return 0;
  TimekeeperSettings settings;
  settings.clock.make_step = config::MakeStep{base::Seconds{1}, -1};
  Life life{Timekeeper(settings), {base::RealTime{1'800'000'000s}, base::MonoTime{1000s}}, settings};
  for (std::uint32_t id = 1; id <= sources; ++id) life.keeper.add({.id = {id}, .source = {}, .address = {}});
  for (int round = 0; round < rounds; ++round) {
    const auto at = static_cast<std::size_t>(round) % (input.size() / octets_of_event) * octets_of_event;
    play(life, input.subspan(at, octets_of_event));
  }
  return 0;
}
