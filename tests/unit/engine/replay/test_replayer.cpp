// SPDX-License-Identifier: GPL-2.0-or-later
// A record of the timekeeper's life, begun at any moment of it, comes to the same decisions and ends in the
// same state.
#include "daemon/core/engine/replay/replayer.hpp"

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/raw_text.hpp"
#include "daemon/core/engine/replay/decided.hpp"
#include "daemon/core/engine/replay/forms.hpp"
#include "daemon/core/engine/replay/input.hpp"
#include "daemon/core/engine/replay/record_text.hpp"
#include "tests/sim/simulation.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/replay/round_trip.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace engine::replay;
using simulation::Server;
using simulation::World;

namespace {

constexpr double hour = 3600;  // s

// As a line is in the file.
std::string written(const base::RawText& line) {
  return base::written_out(line.view(), forms()).value();
}

// What the file's lines are without number and check sum.
std::string_view from_kind(const std::string& line) {
  return std::string_view{line}.substr(1);
}

bool says(const std::string& sentence, std::string_view part) {
  return sentence.find(part) != std::string::npos;
}

// Of an input that nothing came of.
std::string bare_line(const Input& input) {
  const Timekeeper keeper{TimekeeperSettings{}};
  DecidedWriter decided{keeper};
  base::RawText line;
  append_input_line(line, input, decided, {}, keeper);
  return written(line);
}

// The lines of a recording from its beginning on.
class Recording {
 public:
  explicit Recording(World& world) : world_(world), decided_(world.timekeeper()) {
    lines_.push_back(written(record_line("gnomon-core test", world.now())));
    lines_.push_back(written(state_line(world.timekeeper())));
  }
  void take(const Input& input, const InputResult& outcome) {
    base::RawText line;
    append_input_line(line, input, decided_, outcome, world_.timekeeper());
    lines_.push_back(written(line));
  }
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

 private:
  World& world_;
  DecidedWriter decided_;
  std::vector<std::string> lines_;
};

// Of so many inputs so many decisions; a difference fails the test.
int decisions_in(const Recording& recording, Replayer& replayer) {
  int decisions = 0;
  for (const auto& line : recording.lines()) {
    const auto step = replayer.take(from_kind(line));
    REQUIRE(step);
    if (step->decided != step->recorded) UNSCOPED_INFO(line.substr(0, 200));
    REQUIRE(step->decided == step->recorded);
    if (!step->decided.empty()) ++decisions;
  }
  return decisions;
}

Server server(double offset = 0) {
  Server made;
  made.options.iburst = true;
  made.delay = 10e-3;
  made.jitter = 1e-3;
  made.offset = offset;
  return made;
}

std::vector<Server> servers() {
  auto lossy = server();
  lossy.loss = 0.3;
  return {server(), server(2e-3), lossy, server(0.5), server(-1e-3)};
}

TimekeeperSettings settings() {
  TimekeeperSettings s;
  s.clock.make_step = config::MakeStep{base::Seconds{0.5}, 3};
  s.clock.fallback_drift = config::FallbackSpans{{10}, {14}};
  s.smooth_time = config::SmoothTime{{400}, {0.01}, false};
  s.records = true;
  s.manual = true;
  return s;
}

void let_two_lie(World& world) {
  for (const std::size_t liar : {1U, 4U}) {
    auto lies = servers().at(liar);
    lies.offset = 0.2;
    world.change_server(liar, lies);
  }
}

// A day on which everything happens that may.
void have_a_hostile_day(World& world, double since) {
  const auto run_until = [&](double hours) {
    if (world.time() < hours * hour) world.run(hours * hour, 0);
  };
  run_until(since);
  run_until(since + 1);
  world.jump(-3);
  run_until(since + 2);
  let_two_lie(world);
  run_until(since + 4);
  world.sleep(hour, 0.4);
  run_until(since + 7);
  for (std::size_t i = 0; i < 5; ++i) {
    auto silent = servers().at(i);
    silent.loss = 1;
    world.change_server(i, silent);
  }
  run_until(since + 16);
  for (std::size_t i = 0; i < 5; ++i) world.change_server(i, servers().at(i));
  world.jump(20);
  run_until(since + 20);
  for (const OperatorCommand& command :
       std::initializer_list<OperatorCommand>{SelectAnew{}, AddOffset{base::Seconds{0.01}}, CorrectNow{}})
    world.hand_in(input::Command{command, world.now()});
  world.hand_in(input::TimeEntered{world.now().real, world.now()});
  world.hand_in(input::Remove{base::SourceId{2}});
  world.hand_in(input::Reset{world.now()});
  run_until(since + 24);
}

}  // namespace

TEST_CASE("a record that is begun at any hour of a hostile day comes to the same decisions") {
  const double begun = GENERATE(0.0, 0.02, 5.0, 30.0);
  const auto seed = GENERATE(1U, 2U);
  World world{{}, servers(), settings(), seed};
  if (begun > 0) world.run(begun * hour, 0);
  Recording recording{world};
  world.set_on_input([&](const Input& input, const InputResult& outcome) { recording.take(input, outcome); });
  have_a_hostile_day(world, begun);
  Replayer replayer;
  CHECK(decisions_in(recording, replayer) > 100);
  REQUIRE(replayer.keeper() != nullptr);
  CHECK(text_of(*replayer.keeper()) == text_of(world.timekeeper()));
}

TEST_CASE("an input that was altered leads to other decisions, and that shows") {
  World world{{}, servers(), settings(), 3};
  world.run(2 * hour, 0);
  Recording recording{world};
  world.set_on_input([&](const Input& input, const InputResult& outcome) { recording.take(input, outcome); });
  auto jumped = world.now();
  world.run(3 * hour, 0);
  Replayer replayer;
  std::size_t different = 0;
  std::size_t lines = 0;
  for (const auto& line : recording.lines()) {
    if (++lines == 3)
      static_cast<void>(
          replayer.take(from_kind(bare_line(input::ClockJump{std::chrono::seconds{5}, {}, jumped}))));
    const auto step = replayer.take(from_kind(line));
    REQUIRE(step);
    if (step->decided != step->recorded) ++different;
  }
  CHECK(different > 0);
}

TEST_CASE("a record that is none is refused with the reason") {
  World world{{}, servers(), settings(), 1};
  world.run(hour, 0);
  const auto first = written(record_line("gnomon-core test", world.now()));
  const auto state = written(state_line(world.timekeeper()));
  const auto refusal = [&](auto... lines) {
    Replayer replayer;
    std::string error;
    for (const std::string& line : {std::string{lines}...})
      if (const auto step = replayer.take(from_kind(line)); !step && error.empty()) error = step.error();
    return error;
  };
  CHECK(refusal(first, state).empty());
  CHECK(says(refusal(state), "first line"));
  CHECK(says(refusal(first, state, state), "second state"));
  CHECK(says(refusal(first, bare_line(input::Tick{})), "before the state"));
  auto other = first;
  other.replace(other.find("\"format\":1"), 10, "\"format\":2");
  CHECK(says(refusal(other), "format 2"));
  auto layout = first;
  layout.replace(layout.find(record_layout()), 4, "{f8}");
  CHECK(says(refusal(layout), "gnomon-core test"));
  for (std::size_t size = 20; size < state.size(); size += 1 + state.size() / 50)
    CHECK(says(refusal(first, state.substr(0, size)), "no state"));
  CHECK(says(refusal(first, state, R"({"kind":"input","input":"tock","value":[]})"), "no input `tock`"));
  CHECK(says(refusal(first, state, R"({"kind":"input","input":"tick","value":[]})"),
             "none of the input `tick`"));
}

}  // namespace gnomon::testing
