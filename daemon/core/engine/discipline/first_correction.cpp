// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/first_correction.hpp"

#include <algorithm>

#include "daemon/core/engine/selection/steering.hpp"

namespace gnomon::engine {

namespace {

bool contains(const std::vector<base::SourceId>& ids, base::SourceId id) {
  return std::ranges::find(ids, id) != ids.end();
}

}  // namespace

std::optional<base::SourceId> FirstCorrection::refuted(std::span<const Verdict> verdicts) {
  if (followed_.empty()) return std::nullopt;
  for (const Verdict& v : verdicts)
    if (contains(followed_, v.source) && v.state != SourceState::falseticker) return std::nullopt;
  const base::SourceId wrong = followed_.front();
  followed_.clear();
  return wrong;
}

void FirstCorrection::corrected(std::span<const Verdict> verdicts, bool first) {
  if (!first && followed_.empty()) return;
  const auto sources = steering_sources(verdicts);
  if (first) {
    followed_ = sources;
    return;
  }
  // Somebody else says the same.
  if (std::ranges::any_of(sources, [this](base::SourceId id) { return !contains(followed_, id); }))
    followed_.clear();
}

}  // namespace gnomon::engine
