// SPDX-License-Identifier: GPL-2.0-or-later
// When the next exchange with one source is due: poll exponent, bursts, timeout. Owned by its association.
#pragma once

#include <optional>

#include "base/time.hpp"
#include "base/units.hpp"
#include "config/config.hpp"

namespace gnomon::engine {

// How an exchange ended.
enum class ExchangeResult : std::uint8_t {
  silent,    // no answer
  answered,  // a valid answer, but not fit for the clock
  good       // a sample
};

class PollControl {
 public:
  PollControl(const config::Source& source, bool one_shot);

  // Up to `good` samples of at most `total` exchanges, from now on (iburst, `burst` command, one-shot), but
  // not closer to the exchange before than those of a burst are to each other.
  void begin_burst(base::MonoTime now, int good = 4, int total = 8);
  // The first exchange since starting or coming online: a burst where the source is configured so.
  void begin(base::MonoTime now);
  void end_burst() { burst_exchanges_ = 0; }
  void due_at(base::MonoTime at) { next_ = at; }
  // Then, as far as the exchange before allows.
  void due_soon(base::MonoTime at);
  // Then already, but not sooner after the last exchange than minpoll allows.
  void hasten(base::MonoTime at);
  // The shortest interval, from then on if that is sooner, as the clock is to be measured from the start.
  void restart(base::MonoTime at);
  [[nodiscard]] base::MonoTime next() const { return next_; }
  // When the last of so many exchanges begins, if all of them lead to samples and the first, which may be
  // under way, begins or began then. What is more than an hour away need not be told exactly.
  [[nodiscard]] base::MonoTime last_of(std::uint64_t exchanges, base::MonoTime first) const;
  [[nodiscard]] bool in_burst() const { return burst_exchanges_ > 0; }
  // One-shot only: the burst is over and so is the work.
  [[nodiscard]] bool finished() const { return one_shot_ && !in_burst(); }

  void started(base::MonoTime now);
  // The last request has not left, or another server is asked from now on: no distance to be kept.
  void nobody_asked() { asked_ = false; }
  [[nodiscard]] bool has_asked() const { return asked_; }
  // wander: 0 <= x < 1, lengthens the interval by up to two percent so that clients do not align. It is never
  // shorter than the exponent says: servers may limit the rate of requests to just that.
  void ended(ExchangeResult result, base::MonoTime now, double wander);
  // How long an answer is waited for.
  [[nodiscard]] base::Duration timeout() const;

  // The least round trip seen of the source. Several requests a second are for local networks: while it is
  // not known to be below 10 ms the exponent in force is not negative.
  void set_delay(std::optional<base::Seconds> least);
  // minpoll and maxpoll, changed by command. A minpoll above maxpoll takes it along.
  void set_minimum(base::PollExponent minimum);
  void set_maximum(base::PollExponent maximum);
  // The exponent in force, lengthened after RATE.
  [[nodiscard]] base::PollExponent poll() const;
  // The shortest one that may be in force.
  [[nodiscard]] base::PollExponent shortest() const { return bearable(minimum_.value); }
  // How often it is asked at present.
  [[nodiscard]] base::Duration pace() const;
  // From the estimator after a sample: the exponent that suits it, even below the shortest one allowed, which
  // is urgent: the shortest one is taken at once. Otherwise the climb after an iburst is over, and it is one
  // step towards a shorter one; a longer one is taken when it has been asked for twice, unless it is near
  // already.
  // Shorter intervals hold for the one under way, too.
  void approach(double best);
  // RATE: longer at once, more each time, beyond maxpoll if need be.
  void slow_down(base::MonoTime now, double wander);

 private:
  // Between the exchanges of a burst: 2 s, less for who polls quickly anyway.
  [[nodiscard]] base::Duration burst_interval() const;
  // A burst upon a burst, or a request sent again at once, would be a flood to a server with a rate limit.
  [[nodiscard]] base::MonoTime spaced(base::MonoTime wanted) const;
  [[nodiscard]] base::Duration interval(double wander) const;
  [[nodiscard]] base::Duration climb(base::Duration usual);
  // Not negative unless the source is near.
  [[nodiscard]] base::PollExponent bearable(int value) const;
  void count(ExchangeResult result);
  void lengthen(int exponents = 1);  // up to the maximum

  base::PollExponent minimum_;
  base::PollExponent maximum_;
  base::PollExponent poll_;
  bool iburst_;
  bool burst_option_;
  bool one_shot_;
  bool near_ = false;
  bool asked_ = false;       // ever: started_ means something
  int burst_exchanges_ = 0;  // still allowed
  int burst_good_ = 0;       // still wanted
  base::Duration ramp_{};    // after an iburst: the last interval on the way to the usual ones; 0: there
  int penalty_ = 0;          // added to the exponent after RATE
  int answers_since_penalty_ = 0;
  int silent_in_a_row_ = 0;
  int longer_in_a_row_ = 0;  // advice
  base::MonoTime started_;
  base::MonoTime next_;
};

}  // namespace gnomon::engine
