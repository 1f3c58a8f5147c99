// SPDX-License-Identifier: GPL-2.0-or-later
// A machine in virtual time: what it costs there to make and to send an answer is known.
#include <algorithm>
#include <vector>

#include "daemon/core/server/transmit_forecast.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using core::LeastCost;
using core::RequestGroup;
using core::TransmitForecast;
using namespace std::chrono_literals;

namespace {

struct Machine {
  base::Duration plain = 150ns;
  base::Duration longer = 1600ns;
  base::Duration call = 1300ns;  // into the kernel and back
  base::Duration send = 2600ns;

  base::Now now{.real = base::RealTime{1'800'000'000s}, .mono = base::MonoTime{1000s}};
  TransmitForecast forecast;

  void pass(base::Duration time) {
    now.real += time;
    now.mono += time;
  }
  // How far the transmit timestamp of each answer is from when it left; positive: it is late.
  std::vector<base::Duration> serve(const RequestGroup& requests) {
    const unsigned count = requests.plain + requests.longer;
    forecast.begin(now, requests);
    std::vector<base::Duration> errors;
    std::vector<base::RealTime> told;
    for (unsigned i = 0; i < count; ++i) told.push_back(forecast.transmit(i));
    REQUIRE(std::ranges::is_sorted(told));
    pass(plain * requests.plain + longer * requests.longer);
    forecast.made(now);
    while (forecast.is_early(now)) pass(50ns);
    const auto begin = now;
    pass(call / 2);
    for (const auto& time : told) {
      pass(send / 2);
      errors.push_back(time - now.real);
      pass(send - send / 2);
    }
    pass(call / 2);
    forecast.sent(begin, now, count);
    return errors;
  }
  void learn(const RequestGroup& requests) {
    for (int i = 0; i < 200; ++i) static_cast<void>(serve(requests));
  }
};

base::Duration latest(const std::vector<base::Duration>& errors) {
  return *std::ranges::max_element(errors);
}
base::Duration earliest(const std::vector<base::Duration>& errors) {
  return *std::ranges::min_element(errors);
}

}  // namespace

TEST_CASE("before anything was learnt the time of reading is told, which is never too late") {
  Machine machine;
  const auto errors = machine.serve({.plain = 2, .longer = 6});
  CHECK(latest(errors) < 0ns);
  CHECK(machine.forecast.transmit(0) == base::RealTime{1'800'000'000s});
}

TEST_CASE("every answer of a group tells when it leaves, to a microsecond, wherever it is in the group") {
  for (const unsigned size : {1U, 2U, 8U, 32U})
    for (const auto& requests : {RequestGroup{.plain = size}, RequestGroup{.longer = size},
                                 RequestGroup{.plain = size, .longer = size}}) {
      Machine machine;
      machine.learn({.plain = size});
      machine.learn(requests);
      const auto errors = machine.serve(requests);
      CAPTURE(requests.plain, requests.longer, earliest(errors), latest(errors));
      CHECK(latest(errors) < 1us);
      CHECK(earliest(errors) > -1us);
    }
}

TEST_CASE("groups of all sizes and kinds in turn: none is told much too late") {
  Machine machine;
  const std::vector<RequestGroup> kinds{
      {.plain = 1},   {.longer = 1}, {.plain = 32}, {.longer = 5}, {.plain = 7, .longer = 1},
      {.longer = 32}, {.plain = 3}};
  for (int round = 0; round < 300; ++round)
    for (const auto& requests : kinds) {
      const auto errors = machine.serve(requests);
      CHECK(latest(errors) < 2us);
      if (round > 200) CHECK(earliest(errors) > -5us);
    }
}

TEST_CASE("requests that look like much work and are none wait until the time that is told, a few times") {
  Machine machine;
  machine.learn({.longer = 8});
  machine.longer = 100ns;
  base::Duration waited{};
  for (int i = 0; i < 20; ++i) {
    const auto before = machine.now.mono;
    const auto errors = machine.serve({.longer = 8});
    CHECK(latest(errors) < 1us);
    waited += machine.now.mono - before - 8 * (machine.longer + machine.send) - machine.call;
  }
  CHECK(waited > 0ns);
  CHECK(waited < 2 * 8 * 1600ns);  // no longer than if two groups had been what they looked like
}

TEST_CASE("what was learnt of single requests is not waited for when they come with others") {
  Machine machine;
  machine.plain = 3us;
  machine.learn({.plain = 1});
  machine.plain = 100ns;
  const RequestGroup both{.plain = 31, .longer = 1};
  base::Duration waited{};
  for (int i = 0; i < 50; ++i) {
    const auto before = machine.now.mono;
    static_cast<void>(machine.serve(both));
    waited +=
        machine.now.mono - before - 31 * machine.plain - machine.longer - 32 * machine.send - machine.call;
  }
  CHECK(waited < 2 * 31 * 3us);
}

TEST_CASE("an answer that follows very slow ones is not foretold to be as slow") {
  Machine machine;
  machine.send = 200us;
  machine.learn({.plain = 1});
  machine.send = 4us;
  CHECK(latest(machine.serve({.plain = 1})) < 20us);
}

TEST_CASE("sending that gets quicker is told too late once or twice") {
  Machine machine;
  machine.learn({.plain = 8});
  machine.send /= 2;
  static_cast<void>(machine.serve({.plain = 8}));
  for (int i = 0; i < 3; ++i) static_cast<void>(machine.serve({.plain = 8}));
  CHECK(latest(machine.serve({.plain = 8})) < 1us);
}

TEST_CASE("who was held up once is not foretold to be again") {
  Machine machine;
  machine.learn({.plain = 8});
  const auto before = machine.forecast;
  machine.forecast.begin(machine.now, {.plain = 8});
  machine.pass(4ms);
  machine.forecast.made(machine.now);
  const auto begin = machine.now;
  machine.pass(4ms);
  machine.forecast.sent(begin, machine.now, 8);
  CHECK(latest(machine.serve({.plain = 8})) < 4us);
  machine.forecast = before;
  CHECK(latest(machine.serve({.plain = 8})) < 1us);
}

TEST_CASE("on a clock that stands still answers tell what it shows") {
  Machine machine;
  machine.plain = machine.longer = machine.call = machine.send = 0ns;
  for (int i = 0; i < 5; ++i) CHECK(latest(machine.serve({.plain = 4, .longer = 4})) == 0ns);
}

TEST_CASE("a cost is believed at once when it is less, slowly when it is more") {
  LeastCost cost;
  for (int i = 0; i < 200; ++i) cost.learn(base::Seconds{1e-6});
  CHECK(cost.value().count() > 0.99e-6);
  CHECK(cost.value().count() <= 1e-6);
  cost.learn(base::Seconds{1});
  CHECK(cost.value().count() < 1.3e-6);
  for (int i = 0; i < 4; ++i) cost.learn(base::Seconds{0.1e-6});
  CHECK(cost.value().count() < 0.2e-6);
}
