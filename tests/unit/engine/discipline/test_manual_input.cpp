// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/manual_input.hpp"

#include <chrono>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

namespace {

// After so many seconds; the clock was ahead by that many.
ManualInput::Entry entry(double at, double ahead) {
  const auto local = base::to_duration(base::Seconds{at});
  return {.time = base::RealTime{1'800'000'000s} + local,
          .at = LocalTime{local},
          .theta = -base::to_duration(base::Seconds{ahead}),
          .original = base::Seconds{ahead}};
}

}  // namespace

TEST_CASE("times are accepted where they are configured or commanded") {
  ManualInput input(false);
  CHECK(input.ready().error().sentence.find("gnomonctl manual on") != std::string::npos);
  CHECK(input.apply(AcceptManual{true}));
  CHECK(input.ready());
  CHECK(ManualInput(true).ready());
}

TEST_CASE("two times within a second are one too many") {
  ManualInput input(true);
  REQUIRE(input.add(entry(10, 0)));
  CHECK_FALSE(input.add(entry(10.9, 0)));
  CHECK(input.add(entry(11, 0)));
  CHECK(input.entries().size() == 2);
}

TEST_CASE("the oldest entry gives way, and one can be taken back, deleted or all forgotten") {
  ManualInput input(true);
  for (std::size_t i = 0; i < ManualInput::most_entries + 2; ++i)
    REQUIRE(input.add(entry(10.0 * static_cast<double>(i), 0)));
  CHECK(input.entries().size() == ManualInput::most_entries);
  CHECK(input.entries().front().at == LocalTime{20s});
  input.withdraw();
  CHECK(input.entries().back().at == LocalTime{160s});
  CHECK(input.apply(DeleteManual{0}));
  CHECK(input.entries().front().at == LocalTime{30s});
  CHECK_FALSE(input.apply(DeleteManual{input.entries().size()}));
  CHECK(input.apply(ForgetManual{}));
  CHECK(input.entries().empty());
  CHECK_FALSE(input.estimate());
}

TEST_CASE("one time gives an offset at the clock's frequency, two give a frequency") {
  ManualInput input(true);
  CHECK_FALSE(input.combined(LocalTime{0s}, 0));
  REQUIRE(input.add(entry(0, 2)));
  const auto one = input.combined(LocalTime{1000s}, 1e-3);
  CHECK_FALSE(one->has_frequency);
  CHECK(one->theta == -1s);
  CHECK(one->frequency == 1e-3);
  CHECK(one->error == base::Seconds{0.5});
  REQUIRE(input.add(entry(10000, 3)));
  const auto two = input.combined(LocalTime{20000s}, 0);
  CHECK(two->has_frequency);
  CHECK(two->frequency == Approx(-1e-4));
  CHECK(base::to_seconds(two->theta).count() == Approx(-4));
  REQUIRE(input.add(entry(20000, 4)));
  const auto three = input.combined(LocalTime{30000s}, 0);
  CHECK(three->has_frequency);
  CHECK(three->frequency == Approx(-1e-4));
  CHECK(base::to_seconds(three->theta).count() == Approx(-5));
}

TEST_CASE("the operator is shown what was entered, what is left of it, and how it fits the others") {
  ManualInput input(true);
  for (const double t : {0.0, 1000.0, 2000.0}) REQUIRE(input.add(entry(t, t == 1000 ? 2.3 : 2)));
  const Discipline discipline(Discipline::Settings{});
  const Timescale timescale(base::RealTime{1'800'000'000s});
  const auto list = input.list(discipline, timescale);
  REQUIRE(list.size() == 3);
  CHECK(list[1].original.count() == Approx(2.3));
  // Nothing has corrected the clock yet.
  CHECK(list[1].slewed.count() == Approx(2.3));
  CHECK(list[1].residual.count() == Approx(0.2).margin(1e-6));
  CHECK(list[0].residual.count() == Approx(-0.1).margin(1e-6));
}

}  // namespace gnomon::testing
