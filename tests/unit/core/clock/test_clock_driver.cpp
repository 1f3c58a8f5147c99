// SPDX-License-Identifier: GPL-2.0-or-later
// The timekeeper's commands on their way to a clock helper (the far end of a channel) and back.
#include "daemon/core/clock/clock_driver.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "daemon/core/clock/clock_set_watch.hpp"
#include "daemon/core/one_shot.hpp"
#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using core::ClockClient;
using core::ClockDriver;
using core::ClockEvents;
using testing::FarEnd;
using testing::Loop;
using testing::read_as;

namespace {

constexpr base::SourceId source{1};

engine::TimekeeperSettings stepping() {
  engine::TimekeeperSettings settings;
  settings.clock.make_step = config::MakeStep{.threshold = base::Seconds{0.1}, .limit = 3};
  return settings;
}

engine::Sample sample(const base::Now& now, double offset, base::Duration ago) {
  return {.time = now.real - ago,
          .mono = now.mono - ago,
          .offset = base::Seconds{offset},
          .delay = base::Seconds{1e-3},
          .dispersion = base::Seconds{1e-6},
          .root_delay = base::Seconds{1e-3},
          .root_dispersion = base::Seconds{1e-3},
          .stratum = {2},
          .leap = base::LeapIndicator::none};
}

struct Fixture {
  Loop loop;
  FarEnd helper;
  int stepped = 0;
  int settled = 0;
  std::vector<std::string> lost;
  std::vector<engine::Note> notes;
  std::vector<double> measured;
  std::vector<ipc::Adjust> adjusts;
  ClockClient clock{
      loop.tasks,
      true,
      {.on_changed =
           [this](const engine::ClockChanged& change) { act_on(clock_driver.on_clock_changed(change)); },
       .on_rtc_tick = {},
       .on_disconnect = [this](const std::string& why) { lost.push_back(why); }}};
  ClockDriver clock_driver{loop.tasks,
                           stepping(),
                           &clock,
                           {.on_events = [this](const ClockEvents& events) { act_on(events); },
                            .on_settled = [this] { ++settled; }}};

  Fixture() {
    clock.connect(helper.take_near());
    act_on(clock_driver.start());
    clock_driver.add({.id = source, .source = {}, .address = *base::parse_address("192.0.2.1")});
    act_on(clock_driver.update(source, {.reach = 1}, std::nullopt));
    loop.run_ready();
  }
  ~Fixture() { loop.drain(); }

  void act_on(const ClockEvents& events) {
    notes.insert(notes.end(), events.notes.begin(), events.notes.end());
    if (events.stepped) ++stepped;
    if (events.measured_offset) measured.push_back(events.measured_offset->count());
  }
  void measure(double offset) {
    using namespace std::chrono_literals;
    for (const auto ago : {6s, 4s, 2s, 0s})
      act_on(clock_driver.update(source, {.reach = 1}, sample(loop.now(), offset, ago)));
    loop.run_ready();
  }
  // Answers as gnomon-clock does, until no request is left; which types were asked for, in order.
  std::vector<ipc::MessageType> serve(bool refuse = false) {
    std::vector<ipc::MessageType> asked;
    while (has_request()) {
      const auto datagram = helper.receive();
      const auto frame = ipc::parse_frame(datagram);
      REQUIRE(frame);
      REQUIRE(ipc::is_legal(frame->type, ipc::Link::clock, ipc::Sender::core));
      asked.push_back(frame->type);
      if (frame->type == ipc::MessageType::set_status)
        helper.send(ipc::ClockReading{.may_adjust = true}, frame->request_id);
      else if (refuse)
        helper.send(ipc::ClockRefused{.reason = ipc::ClockRefusal::not_permitted}, frame->request_id);
      else if (const auto step = ipc::decode<ipc::Step>(*frame))
        helper.send(ipc::Adjusted{.at = loop.now().real, .stepped = step->offset}, frame->request_id);
      else {
        adjusts.push_back(*ipc::decode<ipc::Adjust>(*frame));
        helper.send(ipc::Adjusted{.at = loop.now().real, .rate = adjusts.back().frequency},
                    frame->request_id);
      }
      loop.run_ready();
    }
    return asked;
  }
  [[nodiscard]] bool has_request() const {
    std::array<char, 1> octet{};
    return recv(helper.fd(), octet.data(), octet.size(), MSG_PEEK | MSG_DONTWAIT) > 0;
  }
};

}  // namespace

TEST_CASE("a clock that is far off is stepped, and everybody hears of it") {
  Fixture f;
  f.measure(100);
  const auto asked = f.serve();
  CHECK(std::ranges::count(asked, ipc::MessageType::step) == 1);
  CHECK(f.stepped == 1);
  REQUIRE(f.measured.size() == 1);
  CHECK(f.measured[0] == Approx(100).margin(0.01));
}

TEST_CASE("the first correction is over when everything is carried out") {
  Fixture f;
  f.measure(100);
  CHECK(f.settled == 0);
  f.serve();
  f.loop.run_until([&] { return f.settled >= 1; });
  CHECK(f.clock_driver.settled());
}

TEST_CASE("a clock that is nearly right is slewed, one request after the other") {
  Fixture f;
  f.measure(0.001);
  const auto asked = f.serve();
  CHECK(std::ranges::count(asked, ipc::MessageType::step) == 0);
  CHECK(std::ranges::count(asked, ipc::MessageType::adjust) >= 1);
  CHECK(f.stepped == 0);
}

TEST_CASE("a slew is over when the clock helper says so, and not before") {
  Fixture f;
  f.measure(0.001);
  f.serve();
  f.loop.run_ready();
  CHECK_FALSE(f.clock_driver.settled());
  CHECK(f.settled == 0);
  f.helper.send(ipc::Adjusted{.at = f.loop.now().real}, 0);
  f.loop.run_until([&] { return f.settled >= 1; });
  CHECK(f.clock_driver.settled());
}

TEST_CASE("a refusal is a note, and the commands behind it are still carried out") {
  Fixture f;
  f.measure(100);
  const auto asked = f.serve(true);
  const auto refused = std::ranges::count_if(f.notes, engine::is_about<engine::note::ClockRefused>);
  CHECK(refused >= 1);
  CHECK(std::ssize(asked) > refused);
  CHECK(f.stepped == 0);
}

TEST_CASE("a refusal that lasts is said once, not with every update") {
  Fixture f;
  for (int i = 0; i < 3; ++i) {
    f.measure(0.001);
    static_cast<void>(f.serve(true));
  }
  CHECK(std::ranges::count_if(f.notes, engine::is_about<engine::note::ClockRefused>) == 1);
}

TEST_CASE("a compensation is part of every rate that is set, and the timekeeper does not see it") {
  Fixture f;
  static_cast<void>(f.serve());
  f.clock_driver.compensate({5});
  f.loop.run_ready();
  static_cast<void>(f.serve());
  REQUIRE_FALSE(f.adjusts.empty());
  CHECK(f.adjusts.back().frequency.ratio() == Approx(5e-6));
  CHECK(f.adjusts.back().slew.ratio() == 0);
  f.measure(0.001);
  static_cast<void>(f.serve());
  const double frequency = -f.clock_driver.keeper().tracking(f.loop.now()).frequency.ratio();
  CHECK(f.adjusts.back().frequency.ratio() == Approx((1 + frequency) * (1 + 5e-6) - 1).margin(1e-11));
}

TEST_CASE("another compensation leaves the slew that is under way") {
  Fixture f;
  f.measure(0.001);
  static_cast<void>(f.serve());
  const auto before = f.adjusts.back();
  REQUIRE(before.slew.ratio() != 0);
  f.clock_driver.compensate({-3});
  f.loop.run_ready();
  static_cast<void>(f.serve());
  const auto after = f.adjusts.back();
  CHECK(after.slew == before.slew);
  CHECK(after.duration <= before.duration);
  CHECK(after.duration > before.duration / 2);
  CHECK(after.frequency.ratio() == Approx((1 + before.frequency.ratio()) * (1 - 3e-6) - 1).margin(1e-11));
}

TEST_CASE("a compensation that is refused is not asked for without end") {
  Fixture f;
  static_cast<void>(f.serve());
  f.clock_driver.compensate({5});
  f.loop.run_ready();
  CHECK(f.serve(true).size() == 1);
  CHECK_FALSE(f.has_request());
}

TEST_CASE("a jump is seen in the difference of the clocks, and a step of our own is none") {
  using namespace std::chrono_literals;
  using Jump = core::ClockWatch::Jump;
  core::ClockWatch watch;
  const base::Now start{base::RealTime{1'700'000'000s}, base::MonoTime{100s}};
  const auto jumped = [&](base::Duration real, base::Duration mono) {
    return watch.jumped({start.real + real, start.mono + mono}, 0s);
  };
  CHECK_FALSE(jumped(0s, 0s));
  CHECK_FALSE(jumped(16s, 16s));
  CHECK(jumped(3616s, 16s) == Jump{3600s});
  CHECK_FALSE(jumped(3632s, 32s));
  CHECK(jumped(48s, 48s) == Jump{-3600s});
  CHECK(jumped(47s, 48s) == Jump{-1s});
  CHECK_FALSE(jumped(63s + 50ms, 64s));  // what samples show without our help
  watch.forget();
  CHECK_FALSE(jumped(1000s, 64s));
}

TEST_CASE("of a jump so much is sleep as the machine was suspended, a step of our own nearby or not") {
  using namespace std::chrono_literals;
  using Jump = core::ClockWatch::Jump;
  core::ClockWatch watch;
  const base::Now start{base::RealTime{1'700'000'000s}, base::MonoTime{100s}};
  const auto jumped = [&](base::Duration real, base::Duration asleep) {
    return watch.jumped({start.real + real, start.mono + 16s}, asleep);
  };
  CHECK_FALSE(jumped(16s, 500s));  // before we began
  CHECK(jumped(3616s, 4100s) == Jump{3600s, 3600s});
  CHECK(jumped(3626s, 4110s + 20us) == Jump{10s, 10s});  // the readings were not quite together
  CHECK(jumped(3636s, 4115s + 20us) == Jump{10s, 5s});   // somebody has set it, too
  watch.forget();
  CHECK(jumped(3736s, 4145s) == Jump{30s - 20us, 30s - 20us});
  CHECK_FALSE(jumped(3736s, 4145s));
}

TEST_CASE("the kernel says nothing of a clock that nobody sets") {
  auto events = core::open_clock_events();
  REQUIRE(events);
  Loop loop;
  int set = 0;
  core::ClockSetWatch watch{loop.tasks, std::move(*events), [&set] { ++set; }};
  watch.start();
  loop.run_ready();
  CHECK(set == 0);
  loop.drain();
}

TEST_CASE("a leap second is a jump like any other, unless one was announced") {
  using namespace std::chrono_literals;
  const base::Now before{base::RealTime{1'798'761'595s}, base::MonoTime{100s}};  // 2026-12-31 23:59:55
  core::ClockWatch watch;
  CHECK_FALSE(watch.jumped(before, 0s));
  const base::Now after{before.real + 15s, before.mono + 16s};
  CHECK(watch.jumped(after, 0s)->by == -1s);
  const engine::Timekeeper nobody_said{engine::TimekeeperSettings{}};
  CHECK_FALSE(nobody_said.is_leap_second(-1s, after));
}

TEST_CASE("a clock helper that is gone is reported at once") {
  Fixture f;
  f.helper.close();
  f.loop.run_until([&] { return !f.lost.empty(); });
  CHECK(f.lost.size() == 1);
}

TEST_CASE("a clock helper is asked for its rate before anything runs") {
  FarEnd helper;
  const auto near = helper.take_near();
  helper.send(ipc::ClockReading{.frequency = ipc::rate_of_ratio(2e-5), .may_adjust = true}, 1);
  const auto reading = core::read_clock(near.get());
  REQUIRE(reading);
  CHECK(reading->frequency.ratio() == Approx(2e-5));
  CHECK(read_as<ipc::ReadClock>(helper.receive()).id == 1);
  helper.close();
  CHECK_FALSE(core::read_clock(near.get()));
}

TEST_CASE("a clock helper that says nothing is not waited for without end") {
  FarEnd helper;
  const auto near = helper.take_near();
  const auto reading = core::read_clock(near.get(), std::chrono::milliseconds{1});
  REQUIRE_FALSE(reading);
  CHECK(reading.error() == "no answer within 1 ms");
}

TEST_CASE("one-shot modes end with the first measurement, after the correction, or with nothing") {
  testing::RememberingLog log;
  std::vector<int> ends;
  const auto finish = [&](int status) { ends.push_back(status); };
  core::OneShot print{ipc::CoreMode::print_once, false, log, finish};
  print.on_measured(base::Seconds{1.5});
  CHECK(ends == std::vector{0});
  CHECK(log.lines.back() == "System clock wrong by 1.500000 seconds (ignored)");

  core::OneShot set{ipc::CoreMode::set_once, true, log, finish};
  set.on_settled();
  set.on_measured(base::Seconds{-0.25});
  CHECK(log.lines.back() == "System clock wrong by -0.250000 seconds");
  CHECK(ends.size() == 1);
  set.on_settled();
  CHECK(ends == std::vector{0, 0});

  core::OneShot refused{ipc::CoreMode::set_once, true, log, finish};
  refused.on_refused();
  CHECK(ends == std::vector{0, 0, 1});

  core::OneShot nothing{ipc::CoreMode::print_once, false, log, finish};
  nothing.on_all_finished();
  CHECK(log.lines.back() == "No suitable source for synchronisation");
  CHECK(ends.back() == 1);

  core::OneShot service{ipc::CoreMode::daemon, true, log, finish};
  service.on_measured(base::Seconds{1});
  service.on_all_finished();
  CHECK(ends.size() == 4);
}
