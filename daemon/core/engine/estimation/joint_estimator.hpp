// SPDX-License-Identifier: GPL-2.0-or-later
// Our clock's offset and frequency from the samples of all sources that may steer it, taken together. Owned
// by the timekeeper, which says after each selection who that is.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "base/units.hpp"
#include "daemon/core/engine/estimation/delay_floor.hpp"
#include "daemon/core/engine/estimation/estimate.hpp"
#include "daemon/core/engine/estimation/filter_bank.hpp"

namespace gnomon::engine {

struct JointEstimate {
  base::Duration theta{};  // at the time asked for
  double frequency = 0;
  double frequency_error = 0;  // standard error
  base::Seconds error{};       // standard error of theta, apart from the sources' biases
};

class JointEstimator {
 public:
  // What is known of the frequency beforehand with its standard deviation, and the largest that it may be,
  // s/s.
  struct Prior {
    double frequency = 0;
    double deviation = 200e-6;
    double largest = 0.1;
  };
  JointEstimator(const Prior& prior, base::Seconds precision);

  // A source of which so many samples are kept. Where they are known, shortest: its round trip without any
  // queue; asymmetry: the share of a longer one's excess by which its measurement is wrong, see
  // config::Source.
  void watch(base::SourceId source, std::size_t longest_history, base::Seconds shortest = {},
             std::optional<double> asymmetry = {});
  // A sample; it counts once its source steers.
  void add(base::SourceId source, const Observation& observation);
  // Samples of an earlier run, the oldest first, older than any other.
  void add_history(base::SourceId source, const std::vector<Observation>& observations);
  // What a source said before its next sample was wrong by that much.
  void move(base::SourceId source, base::Duration by);
  // All samples of a source that stays.
  void drop_samples(base::SourceId source);
  void forget(base::SourceId source);
  // The clock was moved by about that much, nobody knows how exactly: only its frequency is still known.
  void lose_offset(base::Seconds jump);
  // Those that steer, the best ones first, and those that may not have steered either: samples of the latter
  // are taken out again. At most most_biases do so together; who does goes on as long as it is named.
  void set_steering_sources(std::span<const base::SourceId> steering, std::span<const base::SourceId> wrong);
  // nullopt: no sample of a steering source yet
  [[nodiscard]] std::optional<JointEstimate> estimate(LocalTime at, base::SourceId leader) const;
  // Typical noise of a source's samples.
  [[nodiscard]] base::Seconds noise(base::SourceId source) const;
  // The last measurements are nothing like what was foretold; not yet believed.
  [[nodiscard]] bool surprised() const { return surprises_ != 0; }
  [[nodiscard]] double wander() const { return bank_.wander(); }

  // After state() was read from a record. False: it fits not together.
  [[nodiscard]] bool relink();
  // All of it, for records (engine/replay).
  [[nodiscard]] auto state(this auto& self) {
    return std::tie(self.prior_, self.precision_, self.bank_, self.tracks_, self.members_, self.at_,
                    self.anchor_, self.taken_, self.restart_due_, self.restarts_, self.doubting_,
                    self.surprises_, self.first_surprise_);
  }

 private:
  // While there are so few samples, all of them are weighed again with each further one, as the shortest
  // round trip is only just becoming known.
  static constexpr std::uint32_t few = 24;
  struct Track {
    std::size_t longest_history = 64;
    std::deque<Observation> history;
    DelayFloor floor;
    std::deque<Observation> fresh;   // not yet in the filters
    std::deque<double> innovations;  // the last few, s
    std::optional<double> asymmetry;
    double route_bias = 0;      // s, of its measurements since the route became longer
    double bias_deviation = 0;  // s, the bias is expected to be of that size
    double doubted = 0;         // s, by how much it was found to disagree with most others
    FloorChange change{};       // of the floor, not yet in the filters
    bool from_history = false;  // what is fresh is older than what the filters know
    [[nodiscard]] auto state(this auto& self) {
      return std::tie(self.longest_history, self.history, self.floor, self.fresh, self.innovations,
                      self.asymmetry, self.route_bias, self.bias_deviation, self.doubted, self.change,
                      self.from_history);
    }
  };
  struct Member {  // one that steers; the bias of the n-th one is the n-th in the filters
    base::SourceId source;
    Track* track = nullptr;
    [[nodiscard]] auto state(this auto& self) { return std::tie(self.source, self.track); }
  };
  struct Surprise {
    LocalTime at{};
    double innovation = 0;  // s
    [[nodiscard]] auto state(this auto& self) { return std::tie(self.at, self.innovation); }
  };
  struct Late {
    double progress = 0;   // s
    double deviation = 0;  // s
  };
  [[nodiscard]] Late lateness(LocalTime at) const;
  [[nodiscard]] std::optional<std::size_t> bias_of(base::SourceId source) const;
  void leave(std::size_t member, bool take_out);
  void join(std::span<const base::SourceId> steering);
  bool admit(base::SourceId source);
  void take_fresh(std::span<const base::SourceId> steering);
  void start_over();
  void restart();
  bool measure_again(Track& track) const;
  struct Entry {  // a sample, by its member and its place in the history
    LocalTime at{};
    std::size_t member = 0;
    std::size_t sample = 0;
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };
  [[nodiscard]] std::vector<Entry> entries() const;  // of all that steer, the oldest first
  [[nodiscard]] const Observation& observation_of(const Entry& entry) const;
  // As if one of the entries had not been measured; returns the evidence.
  double replay_with_usual(std::optional<std::size_t> without);
  void replay(double frequency_deviation, std::optional<std::size_t> without);
  [[nodiscard]] double off_line(const Observation& observation) const;
  [[nodiscard]] bool misfits() const;
  [[nodiscard]] double evidence_of_misfit(std::size_t left_out) const;
  void forget_entry(std::size_t index);
  void update(std::size_t member, const Observation& observation);
  void meet_first(const Observation& observation);
  [[nodiscard]] double change_route(std::size_t member, double innovation);
  [[nodiscard]] double longer_route(std::size_t member, double moved);
  void shorter_route(std::size_t member, double innovation, double moved);
  void doubt(std::size_t member, const ClockFilter::States& states);
  void follow_time(LocalTime at);
  void notice_surprise(LocalTime at, double innovation, double variance, const Excess& excess);

  Prior prior_;
  base::Seconds precision_;
  FilterBank bank_;
  std::map<base::SourceId, Track> tracks_;
  std::vector<Member> members_;
  std::optional<LocalTime> at_;
  base::Duration anchor_{};  // theta that the filters count from
  std::uint32_t taken_ = 0;
  bool restart_due_ = false;
  double restarts_ = 0;      // that may be made; each sample earns a part of one
  bool doubting_ = false;    // somebody has just been found to disagree
  int surprises_ = 0;        // in a row, in one direction
  Surprise first_surprise_;  // of those
};

}  // namespace gnomon::engine
