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

// An interval that none of its kind ends in, and how many sources claim it.
struct Claim {
  std::size_t trusted = 0;
  std::size_t all = 0;
  double low = 0;
  double high = 0;
};

// Of two that as many claim, the one where they agree better. Where there is nothing to choose between, any
// will do, but always the same side: who changes it turns the clock to and fro.
bool is_better(const Claim& later, const Claim& best) {
  constexpr double about_as_wide = 0.9;
  const auto votes = std::tie(later.trusted, later.all);
  const auto most = std::tie(best.trusted, best.all);
  if (votes != most) return votes > most;
  return later.high - later.low >= about_as_wide * (best.high - best.low);
}

// The last opening before a closing is where the most agree for the moment.
Claim best_claim(std::span<const Interval> intervals) {
  Claim best;
  Claim now;
  bool opened = false;
  for (const Endpoint& endpoint : sorted_endpoints(intervals)) {
    if (endpoint.closes) {
      now.high = endpoint.at;
      if (opened && is_better(now, best)) best = now;
      --now.all;
      if (endpoint.trusted) --now.trusted;
    } else {
      now.low = endpoint.at;
      ++now.all;
      if (endpoint.trusted) ++now.trusted;
    }
    opened = !endpoint.closes;
  }
  return best;
}

}  // namespace

std::expected<Agreement, Disagreement> agree(std::span<const Interval> intervals) {
  const auto trusted = static_cast<std::size_t>(
      std::count_if(intervals.begin(), intervals.end(), [](const Interval& i) { return i.trusted; }));
  const Claim best = best_claim(intervals);
  const Disagreement vote{trusted > 0 ? best.trusted : best.all, trusted > 0 ? trusted : intervals.size(),
                          trusted > 0};
  if (vote.agreeing * 2 <= vote.voters) return std::unexpected(vote);
  Agreement agreement;
  agreement.low = best.low;
  agreement.high = best.high;
  agreement.by_trusted = trusted > 0;
  return agreement;
}

}  // namespace gnomon::engine
