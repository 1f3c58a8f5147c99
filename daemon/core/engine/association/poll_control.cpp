// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/poll_control.hpp"

#include <algorithm>
#include <chrono>

namespace gnomon::engine {

namespace {

using namespace std::chrono_literals;

constexpr int good_in_burst = 4;
constexpr int most_in_burst = 8;
constexpr base::Duration longest_burst_interval = 2s;
constexpr base::Seconds near_delay{0.01};
constexpr base::Duration shortest_timeout = 50ms;
constexpr base::Duration longest_timeout = 16s;  // a round trip beyond 32 s is refused anyway (MAXDISP)
constexpr int longest_poll = 17;                 // RFC 5905 MAXPOLL
constexpr int answers_to_forgive = 32;           // after RATE, before polling faster again
constexpr int misses_to_slow_down = 8;           // and then once more each time after a few more
constexpr int silences_to_slow_down = 4;

base::PollExponent exponent(int value) {
  return {static_cast<std::int8_t>(value)};
}

// So many intervals, or as many as are longer than anybody waits for: an option may ask for two thousand
// million.
base::Duration so_often(std::uint64_t count, base::Duration interval) {
  constexpr base::Duration long_enough = 1h;
  const auto enough = static_cast<std::uint64_t>(long_enough / interval) + 1;
  return static_cast<std::int64_t>(std::min(count, enough)) * interval;
}

}  // namespace

PollControl::PollControl(const config::Source& source, bool one_shot)
    : minimum_(source.min_poll),
      maximum_(std::max(source.min_poll, source.max_poll)),
      poll_(source.min_poll),
      iburst_(source.iburst),
      burst_option_(source.burst),
      one_shot_(one_shot) {}

void PollControl::begin_burst(base::MonoTime now, int good, int total) {
  burst_exchanges_ = std::max(total, 1);
  burst_good_ = std::clamp(good, 1, burst_exchanges_);
  next_ = spaced(now);
}

void PollControl::due_soon(base::MonoTime at) {
  next_ = spaced(at);
}

base::MonoTime PollControl::spaced(base::MonoTime wanted) const {
  if (!asked_) return wanted;
  return std::max(wanted, started_ + burst_interval());
}

void PollControl::hasten(base::MonoTime at) {
  next_ = std::min(next_, std::max(at, started_ + bearable(minimum_.value).interval()));
}

void PollControl::restart(base::MonoTime at) {
  poll_ = minimum_;
  longer_in_a_row_ = 0;
  hasten(at);
}

void PollControl::set_delay(std::optional<base::Seconds> least) {
  near_ = least && *least < near_delay;
}

void PollControl::set_minimum(base::PollExponent minimum) {
  minimum_ = minimum;
  maximum_ = std::max(maximum_, minimum);
  poll_ = std::max(poll_, minimum);
}

void PollControl::set_maximum(base::PollExponent maximum) {
  maximum_ = maximum;
  minimum_ = std::min(minimum_, maximum);
  poll_ = std::min(poll_, maximum);
}

base::PollExponent PollControl::bearable(int value) const {
  return exponent(near_ ? value : std::max(value, 0));
}

void PollControl::begin(base::MonoTime now) {
  next_ = spaced(now);
  if (iburst_ || one_shot_) begin_burst(now);
  if (iburst_) ramp_ = burst_interval();
}

void PollControl::started(base::MonoTime now) {
  started_ = now;
  asked_ = true;
  if (burst_exchanges_ > 0) --burst_exchanges_;
}

void PollControl::count(ExchangeResult result) {
  if (result == ExchangeResult::good) --burst_good_;
  if (burst_good_ <= 0) burst_exchanges_ = 0;
  if (result == ExchangeResult::silent) {
    if (silent_in_a_row_ + 1 >= most_in_burst) ramp_ = {};
    // A server that does not answer is asked less often.
    ++silent_in_a_row_;
    if (silent_in_a_row_ >= misses_to_slow_down && silent_in_a_row_ % silences_to_slow_down == 0) lengthen();
    return;
  }
  // A server that is back after hours of silence must be measured again soon; only its silence made the
  // interval long.
  if (silent_in_a_row_ >= misses_to_slow_down) poll_ = minimum_;
  silent_in_a_row_ = 0;
  ++answers_since_penalty_;
  if (penalty_ > 0 && answers_since_penalty_ >= answers_to_forgive) {
    --penalty_;
    answers_since_penalty_ = 0;
  }
}

void PollControl::ended(ExchangeResult result, base::MonoTime now, double wander) {
  const bool was_in_burst = burst_good_ > 0;  // at the end of its last exchange, too
  count(result);
  if (!in_burst()) burst_good_ = 0;
  if (burst_option_ && !was_in_burst && result != ExchangeResult::good && poll_ > minimum_) {
    // Keeps the average interval at or above the shortest one.
    burst_exchanges_ = std::min(good_in_burst, 1 << std::min(poll_.value - minimum_.value, 2)) - 1;
    burst_good_ = 1;
  }
  if (!in_burst())
    next_ = started_ + climb(interval(wander));
  else  // One shot that could not be sent disturbs nobody: the network may come up any moment.
    next_ = std::max(now, started_ + (one_shot_ && !asked_ ? timeout() : burst_interval()));
}

base::Duration PollControl::burst_interval() const {
  return std::min<base::Duration>(longest_burst_interval, bearable(minimum_.value).interval() / 4);
}

// A burst is too short to tell the frequency, and until the next poll the clock would drift far: the
// intervals double until the frequency is known (approach()) or they are the usual ones.
base::Duration PollControl::climb(base::Duration usual) {
  if (silent_in_a_row_ == 0) ramp_ = 2 * ramp_;
  if (ramp_ >= usual) ramp_ = {};
  return ramp_ == base::Duration{} ? usual : ramp_;
}

base::MonoTime PollControl::last_of(std::uint64_t exchanges, base::MonoTime first) const {
  std::uint64_t left = exchanges == 0 ? 0 : exchanges - 1;
  const auto in_burst = static_cast<std::uint64_t>(std::max(std::min(burst_good_ - 1, burst_exchanges_), 0));
  base::MonoTime at = first + so_often(std::min(left, in_burst), burst_interval());
  left -= std::min(left, in_burst);
  const base::Duration usual = poll().interval();
  for (base::Duration climbing = 2 * ramp_; left > 0 && climbing > 0s && climbing < usual; climbing *= 2) {
    at += climbing;
    --left;
  }
  return at + so_often(left, usual);
}

base::Duration PollControl::timeout() const {
  if (one_shot_) return 1s;
  if (in_burst() || ramp_ > base::Duration{}) return std::max<base::Duration>(burst_interval(), 1s);
  // On a local network what has not come by the next poll will not come any more.
  if (poll().value < 0) return std::max<base::Duration>(poll().interval(), shortest_timeout);
  return std::clamp<base::Duration>(poll().interval() / 4, 1s, longest_timeout);
}

base::Duration PollControl::pace() const {
  if (in_burst()) return burst_interval();
  return ramp_ == base::Duration{} ? poll().interval() : ramp_;
}

base::PollExponent PollControl::poll() const {
  return bearable(std::min(poll_.value + penalty_, std::max<int>(longest_poll, maximum_.value)));
}

void PollControl::lengthen(int exponents) {
  poll_ = exponent(std::min<int>(poll_.value + exponents, maximum_.value));
}

void PollControl::approach(double best) {
  constexpr double reluctance = 0.7;  // so that the interval does not change to and fro
  constexpr int enough = 2;           // one measurement does not yet show that the clock is that quiet
  if (best >= minimum_.value) ramp_ = {};
  if (in_burst()) return;
  longer_in_a_row_ = best > poll_.value + reluctance ? longer_in_a_row_ + 1 : 0;
  if (longer_in_a_row_ >= enough) {
    longer_in_a_row_ = 0;
    lengthen(std::max(static_cast<int>(best) - poll_.value, 1));
  }
  if (poll_ == minimum_ || best >= poll_.value - reluctance) return;
  poll_ = best < minimum_.value ? minimum_ : exponent(poll_.value - 1);
  next_ = std::min(next_, started_ + interval(0));
}

void PollControl::slow_down(base::MonoTime now, double wander) {
  burst_exchanges_ = 0;
  ramp_ = {};
  answers_since_penalty_ = 0;
  lengthen();
  if (poll().value < longest_poll) ++penalty_;
  next_ = now + interval(wander);
}

base::Duration PollControl::interval(double wander) const {
  constexpr double spread = 0.02;
  return base::to_duration(base::to_seconds(poll().interval()) * (1.0 + spread * wander));
}

}  // namespace gnomon::engine
