// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/replay/input.hpp"

#include <chrono>
#include <utility>
#include <variant>

#include "tests/unit/catch.hpp"
#include "tests/unit/engine/replay/round_trip.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace engine::replay;

TEST_CASE("every kind of input comes back as it was") {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    CHECK((comes_back(std::variant_alternative_t<I, Input>{}) && ...));
  }(std::make_index_sequence<std::variant_size_v<Input>>{});
  Sample sample;
  sample.offset = base::Seconds{0.1};
  sample.span = engine::Span{};
  CHECK(comes_back(input::Update{base::SourceId{7}, {.reach = 255}, sample, {}}));
}

TEST_CASE("what a command is refused for is handed back, and changes nothing") {
  Timekeeper keeper{TimekeeperSettings{}};
  const base::Now now{base::RealTime{std::chrono::seconds{1'800'000'000}}, base::MonoTime{}};
  static_cast<void>(hand_in(keeper, input::Tick{now}));
  const auto before = text_of(keeper);
  const auto result = hand_in(keeper, input::TimeEntered{now.real, now});
  REQUIRE(result.refusal);
  CHECK(result.decisions.commands.empty());
  CHECK(text_of(keeper) == before);
}

TEST_CASE("smoothing that is not configured is told") {
  Timekeeper keeper{TimekeeperSettings{}};
  CHECK_FALSE(hand_in(keeper, input::ActivateSmoothing{}).configured);
  CHECK_FALSE(hand_in(keeper, input::ResetSmoothing{}).configured);
}

}  // namespace gnomon::testing
