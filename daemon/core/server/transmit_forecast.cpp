// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/server/transmit_forecast.hpp"

#include <algorithm>

namespace gnomon::core {

namespace {

// What was held up, as by another process on the processor, counts as twice the usual and this.
constexpr base::Seconds held_up{2e-6};
// In answers: what a call takes beside them, and when an answer reaches the card, or on one machine its
// receiver, after those before it.
constexpr double call = 0.5;
constexpr double way_to_card = 0.75;
// Requests that look like much work and are none must not keep others waiting.
constexpr base::Seconds longest_making{100e-6};
// Of one answer: where sending becomes quick of a sudden, the next answers tell a time that is to come.
constexpr base::Seconds longest_sending{20e-6};
constexpr base::Duration negligible = std::chrono::nanoseconds{500};

}  // namespace

void LeastCost::learn(base::Seconds seen) {
  constexpr double share = 1.0 / 16;
  value_ = seen < value_ ? seen : value_ + share * (std::min(seen, 2 * value_ + held_up) - value_);
}

void TransmitForecast::begin(const base::Now& now, const RequestGroup& requests) {
  begin_ = now;
  requests_ = requests;
  making_ = base::to_duration(
      std::min(plain_.value() * requests.plain + longer_.value() * requests.longer, longest_making));
  first_ = now.real + making_ + base::to_duration(send_.value() * way_to_card);
  step_ = std::chrono::duration<double, std::nano>{send_.value()}.count();
}

// Of requests of both kinds the plain ones are taken to have cost what they do elsewhere, and no more than
// all.
void TransmitForecast::made(const base::Now& now) {
  const auto took = base::to_seconds(now.mono - begin_.mono);
  if (requests_.plain > 0 && (requests_.longer == 0 || took < plain_.value() * requests_.plain))
    plain_.learn(took / requests_.plain);
  if (requests_.longer > 0)
    longer_.learn(std::max(took - plain_.value() * requests_.plain, base::Seconds{}) / requests_.longer);
}

bool TransmitForecast::is_early(const base::Now& now) const {
  return now.mono + negligible < begin_.mono + making_;
}

void TransmitForecast::sent(const base::Now& begin, const base::Now& end, unsigned answers) {
  if (answers == 0) return;
  send_.learn(std::min(base::to_seconds(end.mono - begin.mono) / (answers + call), longest_sending));
}

}  // namespace gnomon::core
