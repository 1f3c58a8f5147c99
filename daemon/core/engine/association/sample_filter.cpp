// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/sample_filter.hpp"

#include <algorithm>
#include <utility>

namespace gnomon::engine {

std::optional<Sample> SampleFilter::poll_over() {
  if (++seen_ < polls_) return std::nullopt;
  seen_ = 0;
  auto samples = std::exchange(samples_, {});
  if (samples.empty()) return std::nullopt;
  std::ranges::sort(samples, {}, &Sample::delay);
  samples.resize((samples.size() + 1) / 2);
  std::ranges::sort(samples, {}, &Sample::offset);
  return samples[(samples.size() - 1) / 2];
}

void SampleFilter::move(base::Seconds by) {
  for (auto& sample : samples_) sample.offset += by;
}

void SampleFilter::clear() {
  seen_ = 0;
  samples_.clear();
}

}  // namespace gnomon::engine
