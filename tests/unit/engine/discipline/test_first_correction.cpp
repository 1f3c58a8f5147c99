// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/first_correction.hpp"

#include <vector>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

using enum SourceState;

// The verdicts about sources 1, 2, ...
std::vector<Verdict> about(const std::vector<SourceState>& states) {
  std::vector<Verdict> verdicts;
  for (const SourceState state : states)
    verdicts.push_back({.source = {static_cast<std::uint32_t>(verdicts.size() + 1)}, .state = state});
  return verdicts;
}

}  // namespace

TEST_CASE("whom the first correction followed is refuted when all of them are falsetickers, once") {
  FirstCorrection first;
  CHECK_FALSE(first.refuted(about({falseticker})));
  first.corrected(about({selected, combined, unselectable}), true);
  CHECK_FALSE(first.refuted(about({falseticker, selectable, selected})));
  CHECK(first.refuted(about({falseticker, falseticker, selected})) == base::SourceId{1});
  CHECK_FALSE(first.refuted(about({falseticker, falseticker, selected})));
}

TEST_CASE("who is not here any more does not speak for the first correction") {
  FirstCorrection first;
  first.corrected(about({selected, combined}), true);
  CHECK(first.refuted(about({falseticker})));
}

TEST_CASE("once somebody else has said the same it is confirmed for good") {
  FirstCorrection first;
  first.corrected(about({selected, unselectable}), true);
  first.corrected(about({selected, unselectable}), false);
  first.corrected(about({selected, combined}), false);
  first.corrected(about({unselectable, selected}), false);
  CHECK_FALSE(first.refuted(about({falseticker, selected})));
}

}  // namespace gnomon::testing
