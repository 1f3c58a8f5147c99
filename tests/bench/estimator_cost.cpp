// SPDX-License-Identifier: GPL-2.0-or-later
// Prints what steering by eight sources costs: processor time per sample, memory per source.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <random>
#include <vector>

#include <malloc.h>

#include <fmt/format.h>

#include "daemon/core/engine/timekeeper.hpp"

namespace gnomon::bench {

namespace {

constexpr int sources = 8;
constexpr int rounds = 2000;
constexpr double interval = 64;  // s, of each source

engine::SourceTraits traits_of(int i) {
  engine::SourceTraits traits;
  traits.id = base::SourceId{static_cast<std::uint32_t>(i + 1)};
  traits.source.name = fmt::format("192.0.2.{}", i + 1);
  traits.address = base::parse_address(traits.source.name).value_or(base::IpAddress{});
  return traits;
}

// A server's answer as an idle network would bring it, over queues of 0.1 ms each way.
engine::Sample sample_at(const base::Now& now, std::mt19937_64& random) {
  std::exponential_distribution<double> queue(1e4);
  const double out = queue(random);
  const double back = queue(random);
  engine::Sample sample;
  sample.time = now.real;
  sample.mono = now.mono;
  sample.offset = base::Seconds{(out - back) / 2};
  sample.delay = base::Seconds{1e-3 + out + back};
  sample.dispersion = base::Seconds{1e-6};
  sample.stratum = {1};
  return sample;
}

double used() {  // processor time of this thread, us
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) * 1e-3;
}

void measure() {
  engine::TimekeeperSettings settings;
  settings.steer = false;
  const std::size_t before = mallinfo2().uordblks;
  engine::Timekeeper timekeeper(settings);
  for (int i = 0; i < sources; ++i) timekeeper.add(traits_of(i));
  std::mt19937_64 random(1);
  std::vector<double> costs;
  costs.reserve(std::size_t{sources} * rounds);
  const std::size_t reserved = costs.capacity() * sizeof(double);
  base::Now now{base::RealTime{std::chrono::seconds(1'800'000'000)},
                base::MonoTime{std::chrono::seconds(1000)}};
  for (int i = 0; i < sources * rounds; ++i) {
    const base::Duration step = base::to_duration(base::Seconds{interval / sources});
    now = {now.real + step, now.mono + step};
    const base::SourceId id{static_cast<std::uint32_t>(i % sources + 1)};
    const double from = used();
    static_cast<void>(timekeeper.on_reach(id, 255, now));
    static_cast<void>(timekeeper.on_sample(id, sample_at(now, random), now));
    costs.push_back(used() - from);
  }
  const double octets = static_cast<double>(mallinfo2().uordblks - before - reserved) / sources;
  double sum = 0;
  for (const double cost : costs) sum += cost;
  const double mean = sum / static_cast<double>(costs.size());
  std::sort(costs.begin(), costs.end());
  fmt::print(
      "{} sources, {} samples: {:.1f} us per sample (median {:.1f}, 99 % below {:.1f}, longest {:.0f}), "
      "{:.1f} KiB per source\n",
      sources, costs.size(), mean, costs[costs.size() / 2], costs[costs.size() * 99 / 100], costs.back(),
      octets / 1024);
}

}  // namespace

}  // namespace gnomon::bench

int main() {
  gnomon::bench::measure();
}
