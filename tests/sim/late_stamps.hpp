// SPDX-License-Identifier: GPL-2.0-or-later
// Timestamps of ours that are taken too late, as by a preempted daemon or a paused machine. The model stands
// in ServerModel and is for the closed loop of engine parts, which owns one counter for each server.
#pragma once

namespace gnomon::simulation {

struct LateStamps {
  // A bad exchange: the transmit timestamp is so late that the measured round trip is shorter than the path.
  double bad_round_trip = 0;  // s: what it then reads
  bool first_is_bad = false;  // the first answered exchange
  int bad_one_of = 0;         // one of so many; 0: none
  // Once in each period one timestamp is late by that: transmit and receive timestamps in turn.
  double late = 0;  // s; 0: never
  double period = 3600;
};

class ExchangeStamps {
 public:
  struct Lateness {
    double transmit = 0;  // s
    double receive = 0;
  };
  explicit ExchangeStamps(const LateStamps& model) : model_(model) {}
  // Of the next answered exchange, sent at true time t and taking that long, the server's part apart.
  [[nodiscard]] Lateness next(double t, double round_trip);

 private:
  [[nodiscard]] bool is_bad() const;

  LateStamps model_;
  int exchanges_ = 0;
  double periods_ = 0;
};

}  // namespace gnomon::simulation
