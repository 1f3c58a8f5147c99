// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/core_pace.hpp"

#include <algorithm>
#include <utility>

namespace gnomon::launcher {

namespace {

base::Duration cost_of(ipc::MessageType message) {
  switch (message) {
    using enum ipc::MessageType;
    case next_configuration_part:  // there are as many as the configuration has lines
      return CorePace::unit / 100;
    case read_configuration:
    case use_configuration:
    case replace_ke_servers:
    case want_role:
      return 10 * CorePace::unit;
    default:
      return CorePace::unit;
  }
}

}  // namespace

bool CorePace::is_urgent(ipc::MessageType message) {
  using enum ipc::MessageType;
  return message == alive || message == finished || message == release_role;
}

void CorePace::read(base::MonoTime now) {
  next_reading_ = std::max(next_reading_, now - read_at_once * reading) + reading;
}

void CorePace::wait(const ipc::Frame& frame, base::MonoTime now) {
  Message message{frame.type, frame.request_id, {frame.body.begin(), frame.body.end()}};
  if (message.type == ipc::MessageType::status) {
    if (!status_) next_status_ = std::max(next_status_, now - (statuses_at_once - 1) * status_interval);
    status_ = std::move(message);
  } else if (std::ranges::find(waiting_, message) == waiting_.end()) {
    waiting_.push_back(std::move(message));
  }
}

std::optional<CorePace::Message> CorePace::take(base::MonoTime now) {
  if (status_ && now >= next_status_) {
    next_status_ += status_interval;
    return std::exchange(status_, std::nullopt);
  }
  if (waiting_.empty() || now < next_) return std::nullopt;
  Message message = std::move(waiting_.front());
  waiting_.pop_front();
  heard(message.type, now);
  return message;
}

std::optional<base::MonoTime> CorePace::next_turn() const {
  std::optional<base::MonoTime> turn;
  if (status_) turn = next_status_;
  if (!waiting_.empty()) turn = std::min(turn.value_or(next_), next_);
  return turn;
}

void CorePace::heard(ipc::MessageType message, base::MonoTime now) {
  next_ = std::max(next_, now - at_once * unit) + cost_of(message);
}

base::MonoTime CorePace::reads_from() const {
  return waiting_.size() < most_waiting ? next_reading_ : base::MonoTime::max();
}

}  // namespace gnomon::launcher
