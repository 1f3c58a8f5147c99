// SPDX-License-Identifier: GPL-2.0-or-later
// The modelled oscillator, network and servers that both simulators share: the closed loop of engine parts
// (simulation.hpp) and the one that runs whole daemons (interpose/). Each simulator owns its own.
#pragma once

#include <cstdint>
#include <optional>
#include <random>

#include "tests/sim/late_stamps.hpp"

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

struct ServerModel {
  double delay = 100e-6;              // s, one way, fixed part
  double jitter = 50e-6;              // s, one way, mean of the exponential part (each part, or deviation)
  std::optional<double> jitter_back;  // where the way back differs
  Jitter kind = Jitter::exponential;
  double route_out = 0;  // s: longer by this in the second half of each route_period
  double route_back = 0;
  double route_period = 40000;
  bool longer_first = false;  // in the first half instead
  double open = 0;            // s: packets pass in the first part of each open_period only; 0: always
  double open_period = 10000;
  double offset = 0;      // s: how far its clock is ahead of true time
  double loss = 0;        // fraction of packets, each way
  double processing = 0;  // s: from its receiving to its answering
  int precision = -24;    // log2 s: what it says of its clock
  bool ticks = false;     // its clock stands still in between; else the bits below its precision are random
  int transmit_tick = 0;  // log2 s: of the coarser clock that stamps what it sends; 0: there is none
  LateStamps late_stamps{};
};

// At that true time.
[[nodiscard]] bool on_longer_route(const ServerModel& server, double t);

// The frequency error of an oscillator: drift, random walk, temperature, jumps.
class Drift {
 public:
  explicit Drift(const Oscillator& model) : model_(model), frequency_(model.frequency) {}
  [[nodiscard]] double at(double t) const;  // s/s
  // Once a second; `normal`: drawn from a normal distribution.
  void wander(double normal) { frequency_ += model_.wander * normal; }

 private:
  Oscillator model_;
  double frequency_;
};

// Both ways between us and one server.
class Path {
 public:
  explicit Path(const ServerModel& server) : server_(server) {}
  [[nodiscard]] double one_way(double t, bool back, std::mt19937_64& random);  // s
  [[nodiscard]] bool open(double t) const;
  [[nodiscard]] bool loses(std::mt19937_64& random) const;  // this packet

 private:
  struct Queue {  // the two parts of an exponential that changes slowly
    double a = 0;
    double b = 0;
    double at = -1e9;
  };
  [[nodiscard]] double jitter(double t, double mean, Queue& queue, std::mt19937_64& random) const;

  ServerModel server_;
  Queue out_{};
  Queue back_{};
};

// Puts a server's NTP timestamps (RFC 5905 section 6, 64 bits) on what it receives and sends, given the true
// ones. With random bits of its own, so that the rest of a world is the same with any server.
class Stamper {
 public:
  Stamper(const ServerModel& server, std::uint64_t seed) : server_(server), random_(seed) {}
  [[nodiscard]] std::uint64_t received(std::uint64_t time);
  [[nodiscard]] std::uint64_t sent(std::uint64_t time);

 private:
  ServerModel server_;
  std::mt19937_64 random_;
};

}  // namespace gnomon::simulation
