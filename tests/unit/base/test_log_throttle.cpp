// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/log_throttle.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <string>

#include "tests/unit/catch.hpp"

using namespace gnomon::base;
using namespace std::chrono_literals;

namespace {

constexpr MonoTime start{1000s};

class Speaker {
 public:
  LogThrottle::Verdict say(MonoTime now, const std::string& source = "a", std::string_view reason = "why",
                           LogEvent event = LogEvent::ke_failed) {
    const std::array fields{FieldValue{LogField::source, source}, FieldValue{LogField::reason, reason},
                            FieldValue{LogField::next_try, std::to_string(++said_)}};
    return guard.judge({event, "text " + std::to_string(said_), fields}, now);
  }
  // How many of `count` at the same time are written.
  int burst(int count, MonoTime now, const std::string& source = "a") {
    int written = 0;
    for (int i = 0; i < count; ++i) written += say(now, source).write ? 1 : 0;
    return written;
  }
  LogThrottle guard;

 private:
  int said_ = 0;
};

}  // namespace

TEST_CASE("five of the same are written, then one in ten minutes, which tells of the others") {
  Speaker s;
  CHECK(s.burst(100, start) == 5);
  CHECK_FALSE(s.say(start + 9min).write);
  const auto next = s.say(start + 10min);
  CHECK(next.write);
  CHECK(next.left_out == 96);
  CHECK(next.over == 10min);
  CHECK(s.burst(100, start + 10min) == 0);
  CHECK(s.say(start + 20min).left_out == 100);
}

TEST_CASE("a day of one message a second is some 150 messages") {
  Speaker s;
  int written = 0;
  std::uint32_t told = 0;
  for (auto now = start; now < start + 24h; now += 1s) {
    const auto verdict = s.say(now);
    if (!verdict.write) continue;
    ++written;
    told += verdict.left_out;
  }
  CHECK(written >= 140);
  CHECK(written <= 150);
  CHECK(told + static_cast<std::uint32_t>(written) >= 24 * 3600 - 600);
}

TEST_CASE("after silence there is a burst again, and nothing to tell") {
  Speaker s;
  CHECK(s.burst(5, start) == 5);
  const auto later = s.say(start + 2h);
  CHECK(later.write);
  CHECK(later.left_out == 0);
  CHECK(s.burst(10, start + 2h) == 4);
}

TEST_CASE("another source or reason is another message, another number is not") {
  Speaker s;
  CHECK(s.burst(10, start, "a") == 5);
  CHECK(s.burst(10, start, "b") == 5);
  CHECK(s.say(start, "a", "another").write);
  CHECK(s.say(start, "a", "why", LogEvent::resolve_failed).write);
  CHECK_FALSE(s.say(start, "a").write);
}

TEST_CASE("who varies what he causes is no louder") {
  Speaker s;
  int written = 0;
  for (int i = 0; i < 10'000; ++i) written += s.say(start, std::to_string(i)).write ? 1 : 0;
  CHECK(written == event_burst);
  written = 0;
  for (int i = 0; i < 3600; ++i) written += s.say(start + 1s * i, std::to_string(20'000 + i)).write ? 1 : 0;
  CHECK(written <= 60);
  CHECK(written >= 59);
}

TEST_CASE("what gave way to others is counted with its event") {
  Speaker s;
  int written = 0;
  for (int i = 0; i < 1000; ++i) written += s.say(start, std::to_string(i)).write ? 1 : 0;
  auto told = s.say(start + 1min, "new").left_out;
  while (const auto late = s.guard.next_left_out(start + 1min)) {
    told += late->left_out + 1;
    // Nobody knows events by their names.
    CHECK(late->text.find('_') == std::string_view::npos);
  }
  CHECK(told + static_cast<std::uint32_t>(written) == 1000);
}

TEST_CASE("what no later message tells of is told late") {
  Speaker s;
  CHECK(s.burst(8, start) == 5);
  CHECK_FALSE(s.guard.next_late(start + 9min));
  const auto late = s.guard.next_late(start + 10min);
  REQUIRE(late);
  CHECK(late->event == LogEvent::ke_failed);
  CHECK(late->text == "text 8");
  CHECK(late->source == "a");
  CHECK(late->left_out == 2);
  CHECK(late->over == 10min);
  CHECK_FALSE(s.guard.next_late(start + 1h));
}

TEST_CASE("telling late counts as a message") {
  Speaker s;
  CHECK(s.burst(8, start) == 5);
  REQUIRE(s.guard.next_late(start + 10min));
  CHECK_FALSE(s.say(start + 10min).write);
}

TEST_CASE("at the end everything is told") {
  Speaker s;
  CHECK(s.burst(6, start, "a") == 5);
  CHECK(s.burst(7, start, "b") == 5);
  std::uint32_t told = 0;
  while (const auto late = s.guard.next_left_out(start)) told += late->left_out + 1;
  CHECK(told == 3);
}

TEST_CASE("orders and starts are never left out") {
  Speaker s;
  for (int i = 0; i < 1000; ++i) CHECK(s.say(start, "a", "why", LogEvent::clock_stepped).write);
}

TEST_CASE("what a process that ended has said its successor does not say again, but counts") {
  Speaker s;
  CHECK(s.say(start).write);
  s.guard.begin_again(start);
  CHECK_FALSE(s.say(start + 1s).write);
  CHECK(s.say(start + 1s, "b").write);  // nobody has said this
  s.guard.begin_again(start + 1s);
  CHECK_FALSE(s.say(start + 2s).write);
  const auto later = s.say(start + flood_interval + 3s);
  CHECK(later.write);
  CHECK(later.left_out == 2);
  s.guard.begin_again(start + flood_interval + 3s);
  CHECK(s.say(start + 24h).write);
}

TEST_CASE("what a captured process leaves in the memory silences nobody who gets it, and floods nothing") {
  const auto left = GENERATE(std::bit_cast<std::uint64_t>(-1e300), std::bit_cast<std::uint64_t>(1e300),
                             std::bit_cast<std::uint64_t>(std::numeric_limits<double>::quiet_NaN()),
                             std::uint64_t{0x7fffffffffffffff}, std::uint64_t{1} << 63U, std::uint64_t{0},
                             ~std::uint64_t{0}, std::uint64_t{0x0000000100000001});
  alignas(LogThrottle) std::array<std::uint8_t, sizeof(LogThrottle)> memory{};
  for (std::size_t i = 0; i + sizeof left <= memory.size(); i += sizeof left)
    std::memcpy(memory.data() + i, &left, sizeof left);
  Speaker s;
  std::memcpy(static_cast<void*>(&s.guard), memory.data(), memory.size());
  s.guard.begin_again(start);
  int written = 0;
  for (int hour = 1; hour <= 24; ++hour) written += s.say(start + 1h * hour).write ? 1 : 0;
  CHECK(written == 24);
  CHECK(s.burst(10'000, start + 48h) <= event_burst);
  int late = 0;
  while (s.guard.next_late(start + 72h) && late < 1000) ++late;
  CHECK(late < 1000);
}
