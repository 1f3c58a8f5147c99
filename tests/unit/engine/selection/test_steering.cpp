// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/selection/steering.hpp"

#include <vector>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

Verdict verdict(std::uint32_t id, SourceState state, double distance = 0.01) {
  return {.source = {id}, .state = state, .evidence = {.distance = base::Seconds{distance}}};
}

}  // namespace

TEST_CASE("the selected source steers first, then the combined ones, the nearest first") {
  const std::vector verdicts{
      verdict(1, SourceState::combined, 0.03),    verdict(2, SourceState::falseticker),
      verdict(3, SourceState::selected, 0.02),    verdict(4, SourceState::combined, 0.01),
      verdict(5, SourceState::selectable, 0.001), verdict(6, SourceState::jittery),
      verdict(7, SourceState::unselectable)};
  const Steering steering = steering_of(verdicts);
  CHECK(steering.sources == std::vector<base::SourceId>{{3}, {4}, {1}});
  CHECK(steering.wrong == std::vector<base::SourceId>{{2}});
  CHECK(steering_sources(verdicts) == std::vector<base::SourceId>{{1}, {3}, {4}});
}

TEST_CASE("who is only nearer than others does not announce a leap second alone: all that agree vote") {
  std::vector verdicts{verdict(1, SourceState::selected), verdict(2, SourceState::selectable),
                       verdict(3, SourceState::selectable), verdict(4, SourceState::selectable),
                       verdict(5, SourceState::falseticker)};
  verdicts[1].reason = Reason::distant;
  verdicts[2].reason = Reason::not_preferred;
  verdicts[3].reason = Reason::waits_for_others;
  CHECK(voters_on_leap(verdicts) == std::vector<base::SourceId>{{1}, {2}, {3}});
  verdicts[2].effective.trust = verdicts[4].effective.trust = true;
  CHECK(voters_on_leap(verdicts) == std::vector<base::SourceId>{{3}});
}

TEST_CASE("where nobody is selected nobody steers") {
  const std::vector verdicts{verdict(1, SourceState::falseticker), verdict(2, SourceState::falseticker)};
  CHECK(steering_of(verdicts).sources.empty());
  CHECK(steering_of(verdicts).wrong.size() == 2);
  CHECK(steering_sources(verdicts).empty());
  CHECK(voters_on_leap(verdicts).empty());
}

}  // namespace gnomon::testing
