// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/selection/steering.hpp"

#include <algorithm>
#include <utility>

namespace gnomon::engine {

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

}  // namespace gnomon::engine
