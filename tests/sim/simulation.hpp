// SPDX-License-Identifier: GPL-2.0-or-later
// A closed loop in virtual time for tests and figures, made by whoever simulates: real associations and a
// real timekeeper, a modelled oscillator, clock helper, network and servers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <vector>

#include "daemon/core/engine/association.hpp"
#include "daemon/core/engine/timekeeper.hpp"

namespace gnomon::simulation {

struct Oscillator {
  double frequency = 20e-6;  // s/s: what it gains by itself
  double offset = 10e-3;     // s: how far the system clock is ahead at the start
  double wander = 1e-9;      // s/s per sqrt(s)
  double swing = 0;          // s/s: amplitude of a sine on top, as a room's temperature makes it
  double swing_period = 3600;
  double jump = 0;  // s/s: up and down in turn, after each jump_period
  double jump_period = 10000;
};
enum class Jitter : std::uint8_t {
  exponential,
  bursty,  // exponential, and on every tenth packet another 10 ms of it
  gamma,   // sum of four exponentials
  normal,
  queue  // exponential, but neighbours in time are alike (10 min)
};
struct Server {
  double delay = 100e-6;              // s, one way, fixed part
  double jitter = 50e-6;              // s, one way, mean of the exponential part (each part, or deviation)
  std::optional<double> jitter_back;  // where the way back differs
  Jitter kind = Jitter::exponential;
  double route_out = 0;  // s: longer by this in the second half of each route_period
  double route_back = 0;
  double route_period = 40000;
  double open = 0;  // s: packets pass in the first part of each open_period only; 0: always
  double open_period = 10000;
  double offset = 0;  // s: how far its clock is ahead of true time
  double loss = 0;    // fraction of packets, each way
  config::Source options{};
};

// The clock the helper would drive: true time in, system clock out.
class Clock {
 public:
  Clock(const Oscillator& oscillator, std::uint64_t seed);
  void advance(double t);  // true seconds; not beyond slew_end()
  [[nodiscard]] double error() const { return error_; }
  [[nodiscard]] double rate_error() const { return (1 + oscillator()) * (1 + rate()) - 1; }
  [[nodiscard]] base::RealTime system() const;
  [[nodiscard]] double rate() const { return adjustment_ + slew_; }
  [[nodiscard]] std::optional<double> slew_end() const { return slew_end_; }
  engine::ClockChanged set(const engine::SetRate& command);
  engine::ClockChanged step(base::Duration offset);
  engine::ClockChanged end_slew();

 private:
  std::mt19937_64 random_;
  double t_ = 0;
  double next_wander_ = 1;
  [[nodiscard]] double oscillator() const;  // s/s at t_

  Oscillator model_;
  double frequency_;
  double error_;
  double adjustment_ = 0;
  double slew_ = 0;
  std::optional<double> slew_end_;
};

struct Result {
  double rms = 0;
  double max = 0;
  double rms_frequency = 0;
  double convergence = 0;  // s: from then on the error stays below ten times the RMS
  std::uint64_t packets = 0;
  std::vector<float> errors{};  // s, once per second from the beginning of the run
};

class World {
 public:
  World(const Oscillator& oscillator, const std::vector<Server>& servers, engine::TimekeeperSettings settings,
        std::uint64_t seed = 1);
  // Runs until then; figures are taken once per second from `settle` on.
  Result run(double until, double settle);

  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] engine::Timekeeper& timekeeper() { return timekeeper_; }
  [[nodiscard]] base::Now now() const;
  [[nodiscard]] const std::vector<engine::Note>& notes() const { return notes_; }
  [[nodiscard]] const std::vector<engine::ClockCommand>& commands() const { return commands_; }
  [[nodiscard]] std::optional<base::Seconds> measured_offset() const { return measured_offset_; }

 private:
  struct Queue {  // the two parts of an exponential that changes slowly
    double a = 0;
    double b = 0;
    double at = -1e9;
  };
  struct Peer {
    Server server;
    engine::Association association;
    Queue out{};
    Queue back{};
  };
  struct Happening {
    double at = 0;
    std::uint64_t order = 0;
    std::size_t peer = 0;
    engine::Event event;
    std::uint64_t generation = 0;
  };
  void advance_clock(double t);
  void feed(std::size_t peer, const engine::Event& event);
  void carry_out(std::size_t peer, const engine::Action& action);
  void exchange(std::size_t peer, const engine::Exchange& exchange);
  void obey(const engine::Decisions& decisions);
  void schedule(double at, std::size_t peer, engine::Event event);
  [[nodiscard]] double jitter(const Server& server, double mean, Queue& queue);
  [[nodiscard]] double one_way(std::size_t peer, bool back);
  [[nodiscard]] bool passes(const Server& server);

  std::mt19937_64 random_;
  Clock clock_;
  engine::Timekeeper timekeeper_;
  std::vector<Peer> peers_;
  std::vector<std::uint64_t> generations_;  // events of a cancelled action are dropped
  std::vector<std::vector<std::uint8_t>> datagrams_;
  double t_ = 0;
  std::uint64_t order_ = 0;
  std::vector<std::shared_ptr<Happening>> queue_;
  std::vector<engine::Note> notes_;
  std::vector<engine::ClockCommand> commands_;
  std::optional<base::Seconds> measured_offset_;
  std::uint64_t packets_ = 0;
  bool stepped_ = false;
};

}  // namespace gnomon::simulation
