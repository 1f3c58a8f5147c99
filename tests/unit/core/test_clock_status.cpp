// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/clock_status.hpp"

#include "tests/unit/async/virtual_loop.hpp"

using namespace gnomon;
using namespace std::chrono_literals;

namespace {

engine::TrackingReport synchronised(base::Seconds error) {
  engine::TrackingReport tracking;
  tracking.name = "ntp.example";
  tracking.stratum = 3;
  tracking.leap = base::LeapIndicator::none;
  tracking.from_source = true;
  tracking.root_delay = {};
  tracking.root_dispersion = error;
  return tracking;
}

struct Fixture {
  testing::Loop loop;
  core::ClockStatus status{loop.loop};
  std::optional<base::Duration> holds;
  engine::TrackingReport last;
  int asked = 0;
  int due = 0;

  Fixture() {
    loop.tasks.spawn("status", status.follow(
                                   [this](const base::Now&) {
                                     ++asked;
                                     return holds;
                                   },
                                   [this] {
                                     ++due;
                                     static_cast<void>(status.news(last));
                                   }));
    loop.run_ready();
  }
  ~Fixture() { loop.drain(); }
  void pass(base::Duration time) {
    loop.advance(time);
    loop.run_ready();
  }
};

}  // namespace

TEST_CASE("the line says whom our clock follows") {
  Fixture f;
  const auto first = f.status.news({});
  REQUIRE(first);
  CHECK(first->text == "Not synchronised");
  CHECK_FALSE(first->synchronised);
  const auto news = f.status.news(synchronised(base::Seconds{0.1}));
  REQUIRE(news);
  CHECK(news->text == "Synchronised to ntp.example, stratum 3");
  CHECK(news->synchronised);
  CHECK_FALSE(f.status.news(synchronised(base::Seconds{0.2})));
}

TEST_CASE("programs that wait for the time are not told of a clock that may be half a second wrong") {
  Fixture f;
  CHECK(f.status.news(synchronised(base::Seconds{0.5}))->synchronised);
  CHECK_FALSE(f.status.news(synchronised(base::Seconds{0.51}))->synchronised);
}

TEST_CASE("a long name does not make the line longer than gnomond takes") {
  Fixture f;
  auto tracking = synchronised(base::Seconds{0.1});
  tracking.name = std::string(255, 'x');
  CHECK(f.status.news(tracking)->text.size() == 200);
}

TEST_CASE("nothing is awaited while what is known holds for ever") {
  Fixture f;
  CHECK(f.asked == 1);
  CHECK_FALSE(f.loop.loop.next_due());
}

TEST_CASE("what holds for a while is looked at when it holds no longer") {
  Fixture f;
  f.holds = 90s;
  f.status.changed();
  f.loop.run_ready();
  CHECK(f.due == 0);  // woken is not due
  f.pass(89s);
  CHECK(f.due == 0);
  f.pass(1s);
  CHECK(f.due == 1);
}

TEST_CASE("news that come too fast are due a little later") {
  Fixture f;
  f.last = synchronised(base::Seconds{0.1});
  for (int i = 0; i < 20; ++i) {
    f.last.name = std::to_string(i);
    static_cast<void>(f.status.news(f.last));
  }
  f.status.changed();
  f.loop.run_ready();
  f.pass(1s);
  CHECK(f.due == 1);
  CHECK_FALSE(f.status.news(f.last));  // it is told by now
  CHECK_FALSE(f.loop.loop.next_due());
}
