// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/estimation/nic_clock.hpp"

#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using engine::LocalTime;
using engine::NicClock;
using engine::NicReading;

namespace {

base::Duration of(double seconds) {
  return base::to_duration(base::Seconds{seconds});
}

// A card's clock that is 37 s and a few years off, and gains.
struct Card {
  double offset = -1.7e8 + 37;
  double rate = 1 + 20e-6;
  double width = 2e-6;
  double noise = 50e-9;
  std::mt19937 random{1};

  [[nodiscard]] base::Duration at(double local) const { return of(offset) + of(local * rate); }
  std::vector<NicReading> read(double local, int count = 25) {
    std::normal_distribution<double> jitter;
    std::vector<NicReading> readings;
    for (int i = 0; i < count; ++i) {
      const double begin = local + i * 10e-6;
      // Every fifth is disturbed.
      const double extra = i % 5 == 4 ? 30e-6 : 0;
      readings.push_back({LocalTime{of(begin)}, at(begin + width / 2 + noise * jitter(random)),
                          LocalTime{of(begin + width + extra)}});
    }
    return readings;
  }
};

double error_at(const NicClock& clock, const Card& card, double local) {
  const auto line = *clock.line();
  const auto since = base::to_seconds(card.at(local) - line.card) / line.rate;
  return (base::to_seconds(line.local.since_start) + since).count() - local;
}

}  // namespace

TEST_CASE("a card's time becomes ours, however far its clock is off") {
  Card card;
  NicClock clock{{}};
  clock.add(card.read(100));
  CHECK_FALSE(clock.line());
  for (int i = 1; i <= 16; ++i) clock.add(card.read(100 + i));
  REQUIRE(clock.line());
  CHECK(clock.line()->rate == Approx(1 + 20e-6).margin(1e-7));
  CHECK(std::fabs(error_at(clock, card, 116.5)) < 100e-9);
  CHECK(clock.samples() <= 16);
}

TEST_CASE("no more samples are kept than are wanted, and two at least") {
  Card card;
  NicClock clock{{.min_samples = 1, .max_samples = 1}};
  for (int i = 0; i < 10; ++i) clock.add(card.read(i));
  CHECK(clock.samples() == 2);
  REQUIRE(clock.line());
}

TEST_CASE("a card's clock that is set begins again") {
  Card card;
  NicClock clock{{}};
  for (int i = 0; i < 10; ++i) clock.add(card.read(i));
  card.offset += 37;
  clock.add(card.read(10));
  CHECK_FALSE(clock.line());
  CHECK(clock.samples() == 1);
  clock.add(card.read(11));
  REQUIRE(clock.line());
  CHECK(std::fabs(error_at(clock, card, 11)) < 1e-6);
  card.offset -= 100;
  clock.add(card.read(12));
  CHECK_FALSE(clock.line());
}

TEST_CASE("readings that no clock gives are not taken for one") {
  NicClock clock{{}};
  clock.add({});
  const std::array backwards{NicReading{LocalTime{2s}, 5s, LocalTime{1s}}};
  clock.add(backwards);
  CHECK(clock.samples() == 0);
  const std::array still{NicReading{LocalTime{1s}, 0s, LocalTime{1s}}};
  clock.add(still);
  clock.add(still);
  CHECK(clock.samples() == 1);
  CHECK_FALSE(clock.line());
  // Year 1970 in one reading, the end of time in the next.
  const std::array last{NicReading{LocalTime{2s}, base::Duration::max() / 2, LocalTime{2s}}};
  clock.add(last);
  CHECK_FALSE(clock.line());
}

TEST_CASE("a card has as many samples as its line allows, and is as precise as its line says") {
  Card card;
  NicClock few{{.max_samples = 4}};
  NicClock many{{.min_samples = 40, .max_samples = 40, .precision = base::Seconds{1e-3}}};
  for (int i = 1; i <= 40; ++i) {
    const auto readings = card.read(i);
    few.add(readings);
    many.add(readings);
  }
  CHECK(few.samples() <= 4);
  CHECK(many.samples() == 40);
  REQUIRE((few.line() && many.line()));
  CHECK(few.line()->error.count() < 1e-3);
  CHECK(many.line()->error.count() == Approx(1e-3));
}

TEST_CASE("cross timestamps, which have no width") {
  Card card{.width = 0, .noise = 0};
  NicClock clock{{.precision = base::Seconds{10e-9}}};
  for (int i = 0; i < 5; ++i) clock.add(card.read(i, 1));
  REQUIRE(clock.line());
  CHECK(std::fabs(error_at(clock, card, 5)) < 5e-9);
}
