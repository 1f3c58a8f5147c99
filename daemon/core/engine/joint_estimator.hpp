// SPDX-License-Identifier: GPL-2.0-or-later
// Our clock's offset and frequency from the samples of all sources that may steer it, taken together. Owned
// by the timekeeper, which says after each selection who that is.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "base/units.hpp"
#include "daemon/core/engine/delay_floor.hpp"
#include "daemon/core/engine/estimator.hpp"
#include "daemon/core/engine/filter_bank.hpp"

namespace gnomon::engine {

struct JointEstimate {
  base::Duration theta{};  // at the time asked for
  double frequency = 0;
  double frequency_error = 0;  // standard error
  base::Seconds error{};       // standard error of theta, apart from the sources' biases
};

class JointEstimator {
 public:
  // What is known of the frequency beforehand, with its standard deviation, s/s.
  JointEstimator(double frequency, double frequency_deviation, base::Seconds precision);

  // A source of which so many samples are kept. Where they are known, shortest: its round trip without any
  // queue; asymmetry: the share of a longer one's excess by which its measurement is wrong, see
  // config::Source.
  void watch(base::SourceId source, std::size_t longest_history, base::Seconds shortest = {},
             std::optional<double> asymmetry = {});
  // A sample; it counts once its source takes part.
  void add(base::SourceId source, const Observation& observation);
  // Samples of an earlier run, the oldest first, older than any other.
  void add_history(base::SourceId source, const std::vector<Observation>& observations);
  // All samples of a source that stays.
  void drop_samples(base::SourceId source);
  void forget(base::SourceId source);
  // The clock was moved by about that much, nobody knows how exactly: only its frequency is still known.
  void lose_offset(base::Seconds jump);
  // Those that steer and those that may not have steered either: samples of the latter are taken out again.
  void follow(const std::vector<base::SourceId>& steering, const std::vector<base::SourceId>& wrong);
  // nullopt: no sample of a steering source yet
  [[nodiscard]] std::optional<JointEstimate> estimate(LocalTime at, base::SourceId leader) const;
  // Typical noise of a source's samples.
  [[nodiscard]] base::Seconds noise(base::SourceId source) const;
  // The last measurements are nothing like what was foretold; not yet believed.
  [[nodiscard]] bool surprised() const { return surprises_ != 0; }
  [[nodiscard]] double wander() const { return bank_.wander(); }

 private:
  struct Track {
    std::size_t longest_history = 64;
    std::deque<Observation> history;
    DelayFloor floor;
    std::vector<Observation> fresh;  // not yet in the filters
    std::deque<double> innovations;  // the last few, s
    std::optional<double> asymmetry;
    double route_bias = 0;      // s, of its measurements since the route changed
    double bias_deviation = 0;  // s, the bias is expected to be of that size
    double doubted = 0;         // s, by how much it was found to disagree with most others
    double moved = 0;           // s, how far the floor moved since the last one in the filters
    bool takes_part = false;
    bool from_history = false;  // what is fresh is older than what the filters know
    std::size_t bias = 0;       // its state in the filters; 0: none yet
  };
  struct Entry {
    Track* track = nullptr;
    Observation observation;
  };
  struct Late {
    double progress = 0;   // s
    double deviation = 0;  // s
  };
  [[nodiscard]] Late lateness(LocalTime at) const;
  void restart();
  void replay(double frequency_deviation);
  void take(Track& track, const Observation& observation);
  [[nodiscard]] double change_route(Track& track);
  void doubt(Track& track);
  void follow_time(LocalTime at);
  void notice_surprise(double innovation, double variance, const Excess& excess);

  double first_frequency_;
  double frequency_deviation_;
  base::Seconds precision_;
  FilterBank bank_;
  std::map<base::SourceId, Track> tracks_;
  std::optional<LocalTime> at_;
  base::Duration anchor_{};  // theta that the filters count from
  std::uint32_t taken_ = 0;
  bool doubting_ = false;  // somebody has just been found to disagree
  int surprises_ = 0;      // in a row, in one direction
};

}  // namespace gnomon::engine
