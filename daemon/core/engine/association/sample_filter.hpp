// SPDX-License-Identifier: GPL-2.0-or-later
// The `filter` option: one sample out of those of several polls. Owned by its association.
#pragma once

#include <optional>
#include <vector>

#include "daemon/core/engine/values/sample.hpp"

namespace gnomon::engine {

// Of the samples of so many polls the half with the shorter round trips, of these the one with the median
// offset, as it was measured. Polls without an answer count: the samples that come out are evenly spaced.
class SampleFilter {
 public:
  // 0 and 1: every sample passes.
  explicit SampleFilter(int polls) : polls_(polls) {}
  void add(const Sample& sample) { samples_.push_back(sample); }
  // The source's clock was set on by that much: what was measured before was wrong by it.
  void move(base::Seconds by);
  // After each poll, answered or not; a sample when it was the last of its round and any was good.
  [[nodiscard]] std::optional<Sample> poll_over();
  // The clock was stepped, or it is another server now: samples from before do not compare.
  void clear();

 private:
  int polls_;
  int seen_ = 0;
  std::vector<Sample> samples_;
};

}  // namespace gnomon::engine
