// SPDX-License-Identifier: GPL-2.0-or-later
// The densities are those of the delays that the simulated network draws.
#include <cmath>
#include <vector>

#include "tests/bench/oracle/delays.hpp"
#include "tests/bench/oracle/normal_draw.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace bench;
using simulation::Jitter;

namespace {

constexpr double delay = 1e-3;    // s
constexpr double jitter = 50e-6;  // s

simulation::ServerModel server_of(Jitter kind) {
  simulation::ServerModel server;
  server.kind = kind;
  server.delay = delay;
  server.jitter = jitter;
  return server;
}

// Of what the density says below `limit`, s.
double share_below(const simulation::ServerModel& server, double limit) {
  constexpr double step = jitter / 500;
  double share = 0;
  for (double x = -10 * jitter + step / 2; x < limit; x += step)
    share += step * density(server, {.excess = x});
  return share;
}

}  // namespace

TEST_CASE("as many delays are below a limit as their density says") {
  for (const Jitter kind : {Jitter::exponential, Jitter::bursty, Jitter::gamma, Jitter::normal}) {
    const auto server = server_of(kind);
    simulation::Path path(server);
    std::mt19937_64 random(1);
    std::vector<double> excesses;
    for (int i = 0; i < 40000; ++i) excesses.push_back(path.one_way(i, false, random) - delay);
    for (const double limit : {0.3 * jitter, jitter, 3 * jitter, 40 * jitter}) {
      const auto below =
          std::count_if(excesses.begin(), excesses.end(), [limit](double x) { return x < limit; });
      CAPTURE(static_cast<int>(kind), limit);
      CHECK(share_below(server, limit) == Approx(static_cast<double>(below) / 40000).margin(0.01));
    }
  }
}

TEST_CASE("in a queue neighbours are as alike as their density says") {
  const auto server = server_of(Jitter::queue);
  simulation::Path path(server);
  std::mt19937_64 random(1);
  constexpr double interval = 64;  // s
  double previous = path.one_way(0, false, random) - delay;
  // The probability integral transform: what comes of it is uniform.
  constexpr int draws = 2000;
  double sum = 0;
  double squares = 0;
  for (int i = 1; i <= draws; ++i) {
    const double excess = path.one_way(i * interval, false, random) - delay;
    constexpr double step = jitter / 200;
    double share = 0;
    for (double x = step / 2; x < excess; x += step)
      share += step * density(server, {false, x, previous, interval});
    sum += share;
    squares += share * share;
    previous = excess;
  }
  CHECK(sum / draws == Approx(1.0 / 2).margin(0.03));
  CHECK(squares / draws == Approx(1.0 / 3).margin(0.03));
}

TEST_CASE("draws between two limits are spread as the distribution is there") {
  struct Row {
    double low, high, median, mass;
  };
  // In units of the deviation; the third column is the median of what lies between.
  for (const auto& row : {Row{-1e3, 1e3, 0, 1}, Row{0, 1e3, 0.67449, 0.5}, Row{-1, 2, 0.17116, 0.81859},
                          Row{5, 6, 5.13137, 2.8567e-7}, Row{-6, -5, -5.13137, 2.8567e-7}}) {
    CAPTURE(row.low, row.high);
    const CutDraw draw = draw_between(3 + 2 * row.low, 3 + 2 * row.high, 3, 2, 0.5);
    CHECK((draw.value - 3) / 2 == Approx(row.median).margin(1e-3));
    CHECK(draw.mass == Approx(row.mass).epsilon(1e-3));
    for (const double uniform : {0.0, 1e-9, 0.999999999}) {
      const double x = draw_between(3 + 2 * row.low, 3 + 2 * row.high, 3, 2, uniform).value;
      CHECK(x >= 3 + 2 * row.low);
      CHECK(x <= 3 + 2 * row.high);
    }
  }
}

}  // namespace gnomon::testing
