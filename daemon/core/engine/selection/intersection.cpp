// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/selection/intersection.hpp"

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <vector>

namespace gnomon::engine {

namespace {

struct Endpoint {
  double at = 0;
  bool closes = false;
  bool trusted = false;
};

std::vector<Endpoint> sorted_endpoints(std::span<const Interval> intervals) {
  std::vector<Endpoint> endpoints;
  endpoints.reserve(intervals.size() * 2);
  for (const auto& interval : intervals) {
    endpoints.push_back({interval.low, false, interval.trusted});
    endpoints.push_back({interval.high, true, interval.trusted});
  }
  // Intervals that only touch do agree: openings first.
  std::sort(endpoints.begin(), endpoints.end(), [](const Endpoint& a, const Endpoint& b) {
    return std::tie(a.at, a.closes) < std::tie(b.at, b.closes);
  });
  return endpoints;
}

}  // namespace

std::expected<Agreement, Disagreement> agree(std::span<const Interval> intervals) {
  const auto trusted = static_cast<std::size_t>(
      std::count_if(intervals.begin(), intervals.end(), [](const Interval& i) { return i.trusted; }));
  std::size_t depth = 0;
  std::size_t trusted_depth = 0;
  std::size_t best = 0;
  std::size_t trusted_best = 0;
  bool at_best = false;
  Agreement agreement;
  for (const Endpoint& endpoint : sorted_endpoints(intervals)) {
    if (endpoint.closes) {
      if (at_best) agreement.high = endpoint.at;
      at_best = false;
      --depth;
      if (endpoint.trusted) --trusted_depth;
      continue;
    }
    ++depth;
    if (endpoint.trusted) ++trusted_depth;
    if (std::tie(trusted_depth, depth) > std::tie(trusted_best, best)) {
      trusted_best = trusted_depth;
      best = depth;
      agreement.low = endpoint.at;
      at_best = true;
    }
  }
  agreement.by_trusted = trusted > 0;
  const Disagreement vote{trusted > 0 ? trusted_best : best, trusted > 0 ? trusted : intervals.size(),
                          trusted > 0};
  if (vote.agreeing * 2 <= vote.voters) return std::unexpected(vote);
  return agreement;
}

}  // namespace gnomon::engine
