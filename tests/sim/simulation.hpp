// SPDX-License-Identifier: GPL-2.0-or-later
// A closed loop in virtual time for tests and figures, made by whoever simulates: real associations and a
// real timekeeper, a modelled oscillator, clock helper, network and servers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <utility>
#include <vector>

#include "base/ntp_time.hpp"
#include "daemon/core/engine/association/association.hpp"
#include "daemon/core/engine/discipline/timekeeper.hpp"
#include "daemon/core/engine/replay/input.hpp"
#include "tests/sim/figures.hpp"
#include "tests/sim/model.hpp"
#include "tests/sim/trace.hpp"

namespace gnomon::simulation {

struct Server : ServerModel {
  config::Source options{};
  bool announces_leap = true;
  bool makes_leap = true;
};

// A leap second of UTC, made at that moment of the simulation.
struct LeapSecond {
  double at = 0;    // s
  int seconds = 0;  // +1: inserted, -1: deleted, 0: none
  base::RealTime midnight{};
  bool kernel_makes_it = true;  // where it is told to
  // What a clock without the second reads when it comes.
  [[nodiscard]] base::RealTime instant() const;
};

// The clock the helper would drive: true time in, system clock out.
class Clock {
 public:
  Clock(const Oscillator& oscillator, const LeapSecond& leap, std::uint64_t seed);
  void advance(double t);  // true seconds; not beyond slew_end()
  [[nodiscard]] double error() const { return error_; }
  [[nodiscard]] double free_rate_error() const { return drift_.at(t_); }
  [[nodiscard]] double rate_error() const { return (1 + drift_.at(t_)) * (1 + rate()) - 1; }
  [[nodiscard]] base::RealTime system() const;
  [[nodiscard]] double rate() const { return adjustment_ + slew_; }
  [[nodiscard]] std::optional<double> slew_end() const { return slew_end_; }
  engine::ClockChanged set(const engine::SetRate& command);
  engine::ClockChanged step(base::Duration offset);
  engine::ClockChanged end_slew();
  // Somebody else moves it by that, s.
  void jump(double seconds) { error_ += seconds; }
  // The machine sleeps; on waking up the clock has gained that over true time, s.
  void sleep(double seconds, double gained);
  // As the kernel does when it is told of a leap second.
  void arm(base::LeapIndicator leap) { armed_ = leap; }

 private:
  void make_leap();

  LeapSecond leap_;
  base::RealTime start_;  // true time at t = 0
  base::LeapIndicator armed_ = base::LeapIndicator::none;
  std::mt19937_64 random_;
  double t_ = 0;
  double next_wander_ = 1;
  Drift drift_;
  double error_;
  double adjustment_ = 0;
  double slew_ = 0;
  std::optional<double> slew_end_;
};

class World {
 public:
  World(const Oscillator& oscillator, const std::vector<Server>& servers, engine::TimekeeperSettings settings,
        std::uint64_t seed = 1, const LeapSecond& leap = {});
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  // Runs until then; figures are taken once per second from `settle` on.
  Result run(double until, double settle);
  // Tells what really happens from now on; it outlives the world.
  void record(Trace& trace) { trace_ = &trace; }

  // The daemon ends, and begins again after so many seconds; with -r it takes up the samples of the first
  // run.
  void restart(double pause, engine::TimekeeperSettings settings, bool restore);

  // From now on that is how a server and the ways to it are. Servers count from 0.
  void change_server(std::size_t server, const ServerModel& model);
  // Somebody sets our clock; too small a jump (below 100 ms) is not noticed by the core.
  void jump(double seconds);
  // The machine sleeps, s. While it does CLOCK_MONOTONIC stands still; the clock has then gained so much.
  void sleep(double seconds, double gained);

  [[nodiscard]] double time() const { return t_; }  // true seconds since the beginning
  [[nodiscard]] const Clock& clock() const { return clock_; }
  // How far the clock is ahead of UTC, s.
  [[nodiscard]] double error() const { return clock_.error() + leapt(t_); }
  void arm_kernel() {
    clock_.arm(leap_.seconds > 0 ? base::LeapIndicator::insert : base::LeapIndicator::remove);
  }
  [[nodiscard]] base::RealTime utc() const { return utc_at(t_); }
  [[nodiscard]] engine::Timekeeper& timekeeper() { return timekeeper_; }
  // Whatever happens to the timekeeper and is neither a restart nor done by the test itself.
  void hand_in(const engine::Input& input);
  // Hears of it afterwards.
  using OnInput = std::function<void(const engine::Input&, const engine::InputResult&)>;
  void set_on_input(OnInput on_input) { on_input_ = std::move(on_input); }
  [[nodiscard]] base::Now now() const;
  [[nodiscard]] const std::vector<engine::Note>& notes() const { return notes_; }
  [[nodiscard]] const std::vector<engine::ClockCommand>& commands() const { return commands_; }
  [[nodiscard]] std::optional<base::Seconds> measured_offset() const { return measured_offset_; }

 private:
  struct TxTimestamp {  // of the server's last answer
    base::NtpTimestamp receive;
    base::NtpTimestamp transmit;
  };
  struct Peer {
    Server server;
    engine::Association association;
    Path path;
    Stamper stamper;
    ExchangeStamps stamps;
    TxTimestamp last{};
  };
  struct Happening {
    double at = 0;
    std::uint64_t order = 0;
    std::size_t peer = 0;
    engine::Event event;
    std::uint64_t generation = 0;
    Trace::Exchange exchange{};  // what an answer is of
  };
  void advance_clock(double t);
  void feed(std::size_t peer, const engine::Event& event);
  void carry_out(std::size_t peer, const engine::Action& action);
  void exchange(std::size_t peer, const engine::Exchange& exchange);
  [[nodiscard]] base::Buffer answer(Peer& peer, base::Bytes request, base::RealTime received,
                                    base::LeapIndicator leap);
  void record(const engine::ClockCommand& command);
  void apply(const engine::Decisions& decisions);
  void tell_all(engine::InterruptKind kind);
  [[nodiscard]] base::MonoTime mono_at(double t) const;
  [[nodiscard]] double time_of(base::MonoTime mono) const;
  void schedule(double at, std::size_t peer, engine::Event event, const Trace::Exchange& exchange = {});
  [[nodiscard]] bool passes(const Path& path);
  [[nodiscard]] double leapt(double t) const;
  [[nodiscard]] base::RealTime utc_at(double t) const;
  void tick(double t);
  void expect_tick();

  std::mt19937_64 random_;
  LeapSecond leap_;
  base::RealTime start_;
  std::optional<double> next_tick_;  // around a leap second, and while sources are waited for
  Clock clock_;
  engine::Timekeeper timekeeper_;
  OnInput on_input_;
  engine::RequestSpacing spacing_;
  std::vector<Peer> peers_;
  std::vector<std::uint64_t> generations_;  // events of a cancelled action are dropped
  std::vector<std::vector<std::uint8_t>> datagrams_;
  double t_ = 0;
  double slept_ = 0;  // s
  std::uint64_t order_ = 0;
  std::vector<std::shared_ptr<Happening>> queue_;
  std::vector<engine::Note> notes_;
  std::vector<engine::ClockCommand> commands_;
  std::optional<base::Seconds> measured_offset_;
  std::uint64_t packets_ = 0;
  std::uint64_t interleaved_ = 0;
  bool stepped_ = false;
  Trace* trace_ = nullptr;
};

}  // namespace gnomon::simulation
