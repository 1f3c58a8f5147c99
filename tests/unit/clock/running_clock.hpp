// SPDX-License-Identifier: GPL-2.0-or-later
// A system clock of the test that runs: true time is what its oscillator counts, and the clock goes as it was
// turned.
#pragma once

#include "tests/unit/base/os/fake_clock.hpp"

namespace gnomon::testing {

class RunningClock final : public base::SystemClock {
 public:
  int adjust(timex& request) override {
    const auto before = inner_.time.real;
    const int result = inner_.adjust(request);
    turned_ += base::to_seconds(inner_.time.real - before).count();
    return result;
  }
  base::Now now() override { return inner_.time; }
  base::Duration asleep() override { return asleep_; }

  // So long by the clock itself.
  void run(base::Duration time) {
    const double true_time = base::to_seconds(time).count() / (1 + inner_.rate.ratio());
    true_time_ += true_time;
    turned_ += base::to_seconds(time).count() - true_time;
    inner_.pass(time);
  }
  void set_by_others(base::Duration by) { inner_.time.real += by; }
  void sleep(base::Duration time) {
    inner_.time.real += time;
    asleep_ += time;
  }
  void set_time(base::RealTime time) { inner_.time.real = time; }

  [[nodiscard]] double true_time() const { return true_time_; }
  // How far it was turned by whom the kernel obeys, in seconds.
  [[nodiscard]] double turned() const { return turned_; }
  [[nodiscard]] double ppm() const { return inner_.rate.ratio() * 1e6; }

 private:
  FakeClock inner_;
  base::Duration asleep_{};
  double true_time_ = 0;
  double turned_ = 0;
};

}  // namespace gnomon::testing
