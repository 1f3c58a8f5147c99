// SPDX-License-Identifier: GPL-2.0-or-later
// Prints what a recording costs: processor time per sample of two timekeepers that get the same samples in
// turn, one of them recorded, with a packet for each, and read by nobody, and the time that the state takes
// to be written down.
//   record-cost [SOURCES...]
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "daemon/core/engine/association/events.hpp"
#include "daemon/core/engine/replay/input.hpp"
#include "daemon/core/recording/recorder.hpp"
#include "tests/bench/idle_network.hpp"

namespace gnomon::bench {

namespace {

constexpr int rounds = 500;         // each with a sample of every source
constexpr double interval = 64;     // s, of each source
constexpr int warm_up_rounds = 70;  // until each source has all the samples that are kept

struct SetClock final : base::Clock {
  base::Now at{base::RealTime{std::chrono::seconds(1'800'000'000)},
               base::MonoTime{std::chrono::seconds(1000)}};
  [[nodiscard]] base::Now now() const override { return at; }
  [[nodiscard]] base::Duration asleep() const override { return {}; }
};

engine::TimekeeperSettings quiet() {
  engine::TimekeeperSettings settings;
  settings.steer = false;
  return settings;
}

double mean(const std::vector<double>& of) {
  double sum = 0;
  for (const double each : of) sum += each;
  return of.empty() ? 0 : sum / static_cast<double>(of.size());
}

void print(int sources) {
  SetClock clock;
  std::mt19937_64 random{1};
  core::Recorder recorder{clock, "record-cost", {}};
  engine::Timekeeper plain{quiet()};
  engine::Timekeeper recorded{quiet()};
  for (int i = 0; i < sources; ++i) {
    plain.add(traits_of(i, true));
    recorded.add(traits_of(i, true));
  }
  const std::array<std::uint8_t, 48> octets{0x24, 1};
  engine::Received packet;
  packet.datagram = octets;
  packet.from = {traits_of(0, true).address, 123};
  std::vector<double> without;
  std::vector<double> with;
  double state = 0;
  std::optional<core::KeptLog::Follower> follower;
  std::optional<core::control::Recording> recording;
  for (int i = 0; i < rounds * sources; ++i) {
    if (i == warm_up_rounds * sources) {
      const double from = used();
      recording = recorder.begin(recorded).value();
      state = used() - from;
      follower.emplace(*recording->log, [] {});
    }
    const base::Duration step = base::to_duration(base::Seconds{interval / sources});
    clock.at = {clock.at.real + step, clock.at.mono + step};
    const engine::Input input =
        engine::input::Update{base::SourceId{static_cast<std::uint32_t>(i % sources + 1)},
                              {.reach = 255},
                              sample_at(clock.at, random),
                              clock.at};
    const auto take_plain = [&] { static_cast<void>(engine::hand_in(plain, input)); };
    const auto take_recorded = [&] {
      recorder.take(base::SourceId{1}, packet);
      recorder.take(input, engine::hand_in(recorded, input), recorded);
    };
    // Whoever comes second finds the processor warm.
    const bool plain_first = i % 2 == 0;
    const double begun = used();
    plain_first ? take_plain() : take_recorded();
    const double between = used();
    plain_first ? take_recorded() : take_plain();
    const double ended = used();
    if (i < warm_up_rounds * sources) continue;
    without.push_back(plain_first ? between - begun : ended - between);
    with.push_back(plain_first ? ended - between : between - begun);
  }
  if (!recording || recording->log->ring().next() < 2 * with.size()) std::abort();
  fmt::print("{:>8}{:>12.1f}{:>12.1f}{:>10.3f}{:>14.0f}\n", sources, mean(without), mean(with),
             mean(with) / mean(without), state);
}

}  // namespace

}  // namespace gnomon::bench

int main(int argc, char** argv) {
  std::vector<int> counts;
  for (int i = 1; i < argc; ++i)
    counts.push_back(std::max(static_cast<int>(std::strtol(argv[i], nullptr, 10)), 1));
  if (counts.empty()) counts = {1, 4, 16, 256};
  fmt::print("us of processor time per sample, means\n{:>8}{:>12}{:>12}{:>10}{:>14}\n", "sources", "plain",
             "recorded", "ratio", "state, us");
  for (const int sources : counts) gnomon::bench::print(sources);
  return 0;
}
