// SPDX-License-Identifier: GPL-2.0-or-later
// Sources, and their answers as an idle network brings them, for benches of processor time.
#pragma once

#include <cstdint>
#include <ctime>
#include <random>

#include <fmt/format.h>

#include "daemon/core/engine/discipline/timekeeper.hpp"

namespace gnomon::bench {

inline engine::SourceTraits traits_of(int i, bool selectable) {
  engine::SourceTraits traits;
  traits.id = base::SourceId{static_cast<std::uint32_t>(i + 1)};
  traits.source.name = fmt::format("192.0.{}.{}", i / 250, i % 250 + 1);
  traits.source.no_select = !selectable;
  traits.address = base::parse_address(traits.source.name).value_or(base::IpAddress{});
  return traits;
}

// Over queues of 0.1 ms each way.
inline engine::Sample sample_at(const base::Now& now, std::mt19937_64& random) {
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

// Processor time of this thread, us.
inline double used() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) * 1e-3;
}

}  // namespace gnomon::bench
