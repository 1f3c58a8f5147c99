// SPDX-License-Identifier: GPL-2.0-or-later
// One recording at a time; a reader that is slow loses lines and learns how many; nothing is kept without
// one.
#include "daemon/core/recording/recorder.hpp"

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/raw_text.hpp"
#include "daemon/core/engine/replay/input.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace core;
using namespace std::chrono_literals;

namespace {

struct TestClock final : base::Clock {
  base::Now at{base::RealTime{1'800'000'000s}, base::MonoTime{1000s}};
  [[nodiscard]] base::Now now() const override { return at; }
  [[nodiscard]] base::Duration asleep() const override { return {}; }
};

struct Scene {
  TestClock clock;
  engine::Timekeeper keeper{engine::TimekeeperSettings{}};
  Recorder recorder{clock, "gnomon-core test", {"port 0"}};

  void tick() {
    const engine::Input input = engine::input::Tick{clock.at};
    recorder.take(input, engine::hand_in(keeper, input), keeper);
  }
};

bool begins_with_kind(const std::string& line, std::string_view kind) {
  return line.starts_with("{\"kind\":\"" + std::string{kind} + "\"");
}

}  // namespace

TEST_CASE("a recording begins with format, configuration and state") {
  Scene scene;
  const auto recording = scene.recorder.begin(scene.keeper);
  REQUIRE(recording);
  REQUIRE(recording->lines.size() == 3);
  CHECK(begins_with_kind(recording->lines[0], "record"));
  CHECK(recording->lines[1] == R"({"kind":"configuration","text":"port 0"})");
  CHECK(begins_with_kind(recording->lines[2], "state"));
}

TEST_CASE("inputs, messages and a new configuration follow") {
  Scene scene;
  const auto recording = scene.recorder.begin(scene.keeper);
  REQUIRE(recording);
  const KeptLog::Follower follower{*recording->log, [] {}};
  scene.tick();
  scene.recorder.take(base::LogMessage{base::LogEvent::daemon_starting, "starting", {}});
  scene.recorder.use_configuration({"port 123"});
  const auto& ring = recording->log->ring();
  const auto line = [&](std::uint64_t number) {
    const auto kept = ring.find(number);
    if (!kept) return std::string{};
    const std::string raw{kept->fields.begin(), kept->fields.end()};
    return base::written_out(raw, recording->forms).value_or("");
  };
  CHECK(begins_with_kind(line(1), "record"));
  CHECK(begins_with_kind(line(2), "input"));
  CHECK(line(3).find(R"("event":"daemon_starting","text":"starting")") != std::string::npos);
  CHECK(line(4) == R"({"kind":"configuration","text":"port 123"})");
  CHECK(ring.next() == 5);
}

TEST_CASE("there is one recording at a time, until its reader has gone") {
  Scene scene;
  auto first = scene.recorder.begin(scene.keeper);
  REQUIRE(first);
  CHECK_FALSE(scene.recorder.begin(scene.keeper));
  {
    const KeptLog::Follower follower{*first->log, [] {}};
    scene.tick();
    CHECK_FALSE(scene.recorder.begin(scene.keeper));
  }
  first->reader.reset();
  CHECK(scene.recorder.begin(scene.keeper));
}

TEST_CASE("a reader that goes before anything has happened is not waited for") {
  Scene scene;
  REQUIRE(scene.recorder.begin(scene.keeper));
  CHECK(scene.recorder.begin(scene.keeper));
}

TEST_CASE("what is not fetched makes room, and the numbers tell how much that was") {
  Scene scene;
  const auto recording = scene.recorder.begin(scene.keeper);
  REQUIRE(recording);
  const KeptLog::Follower follower{*recording->log, [] {}};
  for (int i = 0; i < 60'000; ++i) scene.tick();
  const auto& ring = recording->log->ring();
  CHECK(ring.next() == 60'002);
  CHECK(ring.oldest() > 1);
}

}  // namespace gnomon::testing
