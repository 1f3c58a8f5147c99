// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/selection/steering.hpp"

#include <algorithm>
#include <utility>

namespace gnomon::engine {

namespace {

// Whether the majority agrees with it, followed or not.
bool is_truechimer(const Verdict& v) {
  return v.steers() || v.reason == Reason::distant || v.reason == Reason::not_preferred;
}

}  // namespace

Steering steering_of(std::span<const Verdict> verdicts) {
  Steering steering;
  std::vector<std::pair<double, base::SourceId>> ranked;
  for (const Verdict& v : verdicts) {
    if (v.steers())
      ranked.emplace_back(v.state == SourceState::selected ? -1 : v.evidence.distance.count(), v.source);
    else if (v.state == SourceState::falseticker)
      steering.wrong.push_back(v.source);
  }
  std::ranges::sort(ranked);
  for (const auto& [distance, id] : ranked) steering.sources.push_back(id);
  return steering;
}

std::vector<base::SourceId> steering_sources(std::span<const Verdict> verdicts) {
  std::vector<base::SourceId> sources;
  for (const Verdict& v : verdicts)
    if (v.steers()) sources.push_back(v.source);
  return sources;
}

std::vector<base::SourceId> voters_on_leap(std::span<const Verdict> verdicts) {
  const bool trusted =
      std::ranges::any_of(verdicts, [](const Verdict& v) { return is_truechimer(v) && v.effective.trust; });
  std::vector<base::SourceId> voters;
  for (const Verdict& v : verdicts)
    if (is_truechimer(v) && (v.effective.trust || !trusted)) voters.push_back(v.source);
  return voters;
}

}  // namespace gnomon::engine
