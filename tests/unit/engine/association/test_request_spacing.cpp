// SPDX-License-Identifier: GPL-2.0-or-later
// When requests leave, of many associations that share one spacing, in virtual time.
#include "daemon/core/engine/association/request_spacing.hpp"

#include <map>
#include <memory>
#include <vector>

#include "tests/unit/catch.hpp"
#include "tests/unit/engine/association/script.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

config::Source burst_source() {
  auto source = plain_source();
  source.iburst = true;
  return source;
}

// Sources that all answer within the round trip.
class Crowd {
 public:
  Crowd(std::size_t count, const config::Source& source, const EngineContext& context = {},
        base::Duration round_trip = 10ms)
      : spacing_(context.one_shot), round_trip_(round_trip) {
    spacing_.set_sources(count);
    for (std::size_t i = 0; i < count; ++i) {
      auto& script = *scripts_.emplace_back(std::make_unique<Script>(source, context));
      script.seed = static_cast<std::uint32_t>(i + 1);
      script.association.share(spacing_);
      carry_out(i, script.play(Started{}).action);
    }
  }

  // Those that are due until so long after the beginning.
  void run(base::Duration time) {
    while (!due_.empty() && due_.begin()->first <= begin_ + time) {
      const auto [at, next] = *due_.begin();
      due_.erase(due_.begin());
      auto& script = *scripts_[next.source];
      script.pass(at - script.now.mono);
      if (!next.asked) {
        carry_out(next.source, script.play(Woken{}).action);
        continue;
      }
      script.pass(-round_trip_);
      const auto datagram = octets_of(good_answer(next.asked->request, script.now.real));
      carry_out(next.source, script.play(script.reply(datagram, *next.asked, round_trip_)).action);
    }
  }

  [[nodiscard]] const std::vector<base::Duration>& left() const { return left_; }
  [[nodiscard]] base::Duration left(std::size_t index) const { return left_.at(index); }
  [[nodiscard]] base::Duration finished() const { return finished_; }
  [[nodiscard]] base::Duration nearest(base::Duration from = {}) const {
    auto nearest = base::Duration::max();
    for (std::size_t i = 1; i < left_.size(); ++i)
      if (left_[i] >= from) nearest = std::min(nearest, left_[i] - left_[i - 1]);
    return nearest;
  }

 private:
  struct Due {
    std::size_t source = 0;
    std::optional<Exchange> asked{};
  };
  void carry_out(std::size_t source, const Action& action) {
    const auto now = scripts_[source]->now.mono;
    if (const auto* wait = std::get_if<Wait>(&action)) due_.emplace(wait->until, Due{source});
    if (std::holds_alternative<Finish>(action)) finished_ = now - begin_;
    if (const auto* exchange = std::get_if<Exchange>(&action)) {
      left_.push_back(now - begin_);
      due_.emplace(now + round_trip_, Due{source, *exchange});
    }
  }

  RequestSpacing spacing_;
  base::Duration round_trip_;
  std::vector<std::unique_ptr<Script>> scripts_;
  base::MonoTime begin_{5000s};
  std::multimap<base::MonoTime, Due> due_;
  std::vector<base::Duration> left_;
  base::Duration finished_{};
};

}  // namespace

TEST_CASE("the first request leaves at once, those to other sources 0.2 s after each other") {
  Crowd crowd(5, burst_source());
  crowd.run(3600s);
  CHECK(crowd.left(0) == 0s);
  CHECK(crowd.left(4) == 800ms);
  CHECK(crowd.nearest() == 200ms);
  // Four in the burst, then one each minute.
  CHECK(crowd.left().size() > std::size_t{270});
}

TEST_CASE("many sources stand closer, so that each is asked as often as it should be") {
  for (const std::size_t count : {std::size_t{64}, std::size_t{300}}) {
    INFO(count);
    Crowd crowd(count, burst_source());
    crowd.run(3600s);
    CHECK(crowd.left(0) == 0s);
    CHECK(crowd.left(count - 1) < 1s);
    CHECK(crowd.nearest() >= 1s / (count + 1));
    CHECK(crowd.nearest(300s) >= 100ms);
    CHECK(crowd.left().size() > count * (4 + 50));
  }
}

TEST_CASE("sources asked many times a second keep a part of their interval between them") {
  auto source = plain_source();
  source.min_poll = source.max_poll = {-4};
  Crowd crowd(4, source, {}, 100us);
  crowd.run(10s);
  CHECK(crowd.nearest() > 6ms);
  CHECK(crowd.left().size() > std::size_t{520});
}

TEST_CASE("who asks once and waits for it is not held up") {
  EngineContext context;
  context.one_shot = true;
  for (const std::size_t count : {std::size_t{3}, std::size_t{64}, std::size_t{300}}) {
    INFO(count);
    Crowd crowd(count, plain_source(), context, 300ms);
    crowd.run(60s);
    CHECK(crowd.left(0) == 0s);
    CHECK(crowd.left(count - 1) <= 50ms);
    CHECK(crowd.nearest() >= 100us);
    CHECK(crowd.finished() < 7s);
  }
}

TEST_CASE("a request that became due later gives up its slot") {
  RequestSpacing spacing;
  CHECK(spacing.reserve(base::MonoTime{10s}, 64s) == base::MonoTime{10s});
  Script script(plain_source());
  script.association.share(spacing);
  script.now.mono = base::MonoTime{10s};
  const auto action = script.act(Started{});
  CHECK(action == Action{Wait{base::MonoTime{10s} + 200ms}});
  CHECK(std::holds_alternative<Exchange>(script.wake(action).action));
}

TEST_CASE("a slot opens when the request is due, or after those of others") {
  const base::MonoTime now{10s};
  RequestSlot alone;
  CHECK(alone.opens_at(now - 1s, now, 64s) == now - 1s);
  RequestSpacing spacing;
  RequestSlot first;
  RequestSlot second;
  first.share(spacing);
  second.share(spacing);
  CHECK(first.opens_at(now, now, 64s) == now);
  CHECK(second.opens_at(now + 1s, now, 64s) == now + 1s);  // not due yet: nothing is reserved
  CHECK(second.opens_at(now, now, 64s) == now + 200ms);
}

TEST_CASE("a reserved slot stays the same until it is used, or the request becomes due later") {
  RequestSpacing spacing;
  RequestSlot slot;
  slot.share(spacing);
  const base::MonoTime now{10s};
  static_cast<void>(spacing.reserve(now, 64s));
  CHECK(slot.opens_at(now, now, 64s) == now + 200ms);
  CHECK(slot.opens_at(now, now + 100ms, 64s) == now + 200ms);
  CHECK(slot.opens_at(now + 1s, now + 1s, 64s) == now + 1s);
  slot.used();
  CHECK(slot.opens_at(now + 1s, now + 1s, 64s) == now + 1200ms);
}

TEST_CASE("a request keeps its distance from the reply to a command, and many replies hold it up no longer") {
  RequestSpacing spacing;
  RequestSlot slot;
  slot.share(spacing);
  constexpr base::MonoTime start{1000s};
  spacing.other_left(start);
  CHECK(slot.opens_at(start, start, 64s) == start + 200ms);
  for (int i = 1; i < 10; ++i) spacing.other_left(start + i * 20ms);
  CHECK(slot.opens_at(start, start + 190ms, 64s) == start + 200ms);
  slot.used();
  CHECK(slot.opens_at(start + 64s, start + 64s, 64s) == start + 64s);
}

TEST_CASE("a reply does not shorten the distance to requests that are reserved already") {
  RequestSpacing spacing;
  spacing.set_sources(2);
  constexpr base::MonoTime start{1000s};
  CHECK(spacing.reserve(start, 64s) == start);
  CHECK(spacing.reserve(start, 64s) == start + 200ms);
  spacing.other_left(start + 10ms);
  CHECK(spacing.reserve(start + 10ms, 64s) == start + 400ms);
}

}  // namespace gnomon::testing
