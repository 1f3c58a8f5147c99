// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/remote_scale.hpp"

#include <cmath>
#include <utility>

namespace gnomon::engine {

namespace {

constexpr base::Seconds farthest{16};  // chrony's: beyond that the clock was set anew

bool is_sane(base::Seconds moved) {
  return std::fabs(moved.count()) <= farthest.count();
}

}  // namespace

std::optional<base::Seconds> moved_between(const RemoteTime& before, const RemoteTime& after) {
  const auto& from = before.monotonic;
  const auto& to = after.monotonic;
  if (!from || !to || from->receive.is_zero() || to->receive.is_zero() || from->epoch != to->epoch)
    return std::nullopt;
  const base::Seconds moved =
      (after.receive - before.receive).seconds() - (to->receive - from->receive).seconds();
  return is_sane(moved) ? moved : base::Seconds{0};
}

base::Seconds RemoteScale::moved(const RemoteTime& now) const {
  return moved_between(last_, now).value_or(base::Seconds{0});
}

void RemoteScale::follow(const RemoteTime& now) {
  const auto moved = moved_between(last_, now);
  moved_ = moved ? moved_ + *moved : base::Seconds{0};
  last_ = now;
}

base::Seconds RemoteScale::take() {
  const base::Seconds moved = std::exchange(moved_, base::Seconds{0});
  return is_sane(moved) ? moved : base::Seconds{0};
}

void RemoteScale::forget() {
  last_ = {};
  moved_ = base::Seconds{0};
}

}  // namespace gnomon::engine
