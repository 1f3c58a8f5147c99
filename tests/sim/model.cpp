// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/model.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace gnomon::simulation {

double Drift::at(double t) const {
  const double phase = 2 * std::numbers::pi * t / model_.swing_period;
  const bool jumped = std::fmod(t / model_.jump_period, 2.0) >= 1;
  return frequency_ + model_.swing * std::sin(phase) + (jumped ? model_.jump : 0);
}

bool on_longer_route(const ServerModel& server, double t) {
  const bool second_half = std::fmod(t, server.route_period) >= server.route_period / 2;
  return second_half != server.longer_first;
}

double Path::jitter(double t, double mean, Queue& queue, std::mt19937_64& random) const {
  std::exponential_distribution<double> exponential(1);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  switch (server_.kind) {
    case Jitter::exponential:
      break;
    case Jitter::bursty:
      return mean * exponential(random) + (uniform(random) < 0.1 ? 10e-3 * exponential(random) : 0);
    case Jitter::gamma:
      return mean * (exponential(random) + exponential(random) + exponential(random) + exponential(random));
    case Jitter::normal:
      return std::max(mean * normal(random), -server_.delay);
    case Jitter::queue: {
      const double kept = std::exp(-(t - queue.at) / 600);
      const double fresh = std::sqrt(1 - kept * kept);
      queue = {kept * queue.a + fresh * normal(random), kept * queue.b + fresh * normal(random), t};
      return mean * (queue.a * queue.a + queue.b * queue.b) / 2;
    }
  }
  return mean * exponential(random);
}

double Path::one_way(double t, bool back, std::mt19937_64& random) {
  const bool longer = on_longer_route(server_, t);
  const double mean = back ? server_.jitter_back.value_or(server_.jitter) : server_.jitter;
  const double route = longer ? (back ? server_.route_back : server_.route_out) : 0;
  return server_.delay + route + jitter(t, mean, back ? back_ : out_, random);
}

bool Path::open(double t) const {
  return server_.open <= 0 || std::fmod(t, server_.open_period) < server_.open;
}

namespace {

std::uint64_t units_in(int exponent) {  // of a timestamp's lowest bit, in 2^exponent s
  return std::uint64_t{1} << static_cast<unsigned>(32 + exponent);
}

}  // namespace

std::uint64_t Stamper::received(std::uint64_t time) {
  const std::uint64_t tick = units_in(server_.precision);
  // Whoever disciplines a clock that ticks keeps it right on average.
  if (server_.ticks) return (time + tick / 2) & ~(tick - 1);
  return (time & ~(tick - 1)) | (random_() & (tick - 1));
}

std::uint64_t Stamper::sent(std::uint64_t time) {
  return server_.transmit_tick == 0 ? received(time) : time & ~(units_in(server_.transmit_tick) - 1);
}

bool Path::loses(std::mt19937_64& random) const {
  std::uniform_real_distribution<double> uniform;
  return uniform(random) < server_.loss;
}

}  // namespace gnomon::simulation
