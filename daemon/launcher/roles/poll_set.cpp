// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/poll_set.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <span>
#include <utility>

namespace gnomon::launcher {
namespace {

timespec to_timespec(base::Duration duration) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(duration);
  return {.tv_sec = whole.count(), .tv_nsec = (duration - whole).count()};
}

}  // namespace

void PollSet::add(const std::vector<int>& descriptors, Handler handler) {
  for (const int descriptor : descriptors) watched_.push_back({descriptor, POLLIN, 0});
  groups_.push_back({watched_.size(), std::move(handler)});
}

base::OsResult<void> PollSet::wait(std::optional<base::Duration> longest) {
  const timespec limit = to_timespec(longest.value_or(base::Duration{0}));
  if (ppoll(watched_.data(), watched_.size(), longest ? &limit : nullptr, nullptr) < 0 && errno != EINTR)
    return std::unexpected(base::last_error("ppoll"));
  return {};
}

void PollSet::serve() const {
  std::size_t begin = 0;
  for (const auto& group : groups_) {
    const auto own = std::span{watched_}.subspan(begin, group.end - begin);
    begin = group.end;
    if (std::ranges::any_of(own, [](const pollfd& each) { return each.revents != 0; })) group.handler();
  }
}

}  // namespace gnomon::launcher
