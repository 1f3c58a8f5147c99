// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/daemon/calls/poller.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

namespace gnomon::sim {

namespace {

base::Duration to_duration(const timespec& time) {
  return std::chrono::seconds{time.tv_sec} + base::Duration{time.tv_nsec};
}

base::MonoTime mono_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return base::MonoTime{to_duration(now)};
}

// Rounded up: to wake too early is to wait twice.
timeval to_timeval(base::Duration duration) {
  const auto whole = std::chrono::ceil<std::chrono::microseconds>(std::max(duration, base::Duration{0}));
  return {whole.count() / 1'000'000, whole.count() % 1'000'000};
}

void add(fd_set& set, int descriptor, int& end) {
  FD_SET(descriptor, &set);
  end = std::max(end, descriptor + 1);
}

}  // namespace

int Poller::control(int operation, int descriptor, const epoll_event* event) {
  if (operation == EPOLL_CTL_DEL) return watched_.erase(descriptor) == 1 ? 0 : -ENOENT;
  const bool known = watched_.contains(descriptor);
  if (known != (operation == EPOLL_CTL_MOD)) return known ? -EEXIST : -ENOENT;
  if (!is_ours(descriptor) && descriptor >= FD_SETSIZE) return -ENOSPC;
  watched_[descriptor] = {.wanted = *event};
  return 0;
}

void Poller::may_read_again(int descriptor) {
  if (const auto at = watched_.find(descriptor); at != watched_.end()) at->second.read = true;
}

void Poller::may_write_again(int descriptor) {
  if (const auto at = watched_.find(descriptor); at != watched_.end()) at->second.write = true;
}

bool Poller::has_told_readable(int descriptor) const {
  const auto at = watched_.find(descriptor);
  return at != watched_.end() && !at->second.read;
}

void Poller::set_time(int flags, const itimerspec& time) {
  // Asio rounds what is left down to whole microseconds.
  constexpr auto rounded_off = std::chrono::microseconds{1};
  const auto value = to_duration(time.it_value);
  due_.reset();
  if (value == base::Duration{}) return;
  due_ = (flags & TFD_TIMER_ABSTIME) != 0 ? base::MonoTime{value} : mono_now() + value + rounded_off;
}

bool Poller::is_ours(int descriptor) const {
  return descriptor == timer_ || channels_.knows(descriptor);
}

std::uint32_t Poller::own_events(int descriptor, const Watch& watch) const {
  if (descriptor == timer_) return due_ && mono_now() >= *due_ ? std::uint32_t{EPOLLIN} : 0U;
  std::uint32_t events = 0;
  if (watch.read && channels_.readable(descriptor)) events |= EPOLLIN;
  if (watch.write) events |= EPOLLOUT;
  return events & watch.wanted.events;
}

int Poller::take_own(std::span<epoll_event> events) {
  std::size_t count = 0;
  for (auto& [descriptor, watch] : watched_) {
    if (count == events.size()) break;
    if (!is_ours(descriptor)) continue;
    const auto happened = own_events(descriptor, watch);
    if (happened == 0) continue;
    if (descriptor == timer_) due_.reset();
    if ((happened & EPOLLIN) != 0) watch.read = false;
    if ((happened & EPOLLOUT) != 0) watch.write = false;
    events[count] = watch.wanted;
    events[count++].events = happened;
  }
  return static_cast<int>(count);
}

Poller::Sets Poller::sets() const {
  Sets sets;
  for (const auto& [descriptor, watch] : watched_) {
    if (is_ours(descriptor)) continue;
    if (watch.read && (watch.wanted.events & EPOLLIN) != 0) add(sets.read, descriptor, sets.end);
    if (watch.write && (watch.wanted.events & EPOLLOUT) != 0) add(sets.write, descriptor, sets.end);
  }
  return sets;
}

int Poller::take_selected(std::span<epoll_event> events, const Sets& selected) {
  std::size_t count = 0;
  for (auto& [descriptor, watch] : watched_) {
    if (count == events.size() || descriptor >= selected.end) break;
    const bool readable = FD_ISSET(descriptor, &selected.read);
    const bool writable = FD_ISSET(descriptor, &selected.write);
    if (!readable && !writable) continue;
    if (readable) watch.read = false;
    if (writable) watch.write = false;
    events[count] = watch.wanted;
    events[count++].events = (readable ? unsigned{EPOLLIN} : 0U) | (writable ? unsigned{EPOLLOUT} : 0U);
  }
  return static_cast<int>(count);
}

int Poller::select_once(Sets& asked, std::optional<base::MonoTime> deadline) const {
  timeval timeout{};
  if (deadline) timeout = to_timeval(*deadline - mono_now());
  const int count = select(asked.end, &asked.read, &asked.write, nullptr, deadline ? &timeout : nullptr);
  return count < 0 ? -errno : count;
}

int Poller::wait(std::span<epoll_event> events, int timeout) {
  std::optional<base::MonoTime> end;
  if (timeout >= 0) end = mono_now() + std::chrono::milliseconds{timeout};
  while (true) {
    if (interrupted_) interrupted_();
    if (const int own = take_own(events); own > 0) return own;
    if (end && mono_now() >= *end) return 0;
    auto asked = sets();
    const auto deadline = end && due_ ? std::optional{std::min(*end, *due_)} : (due_ ? due_ : end);
    const int count = select_once(asked, deadline);
    if (count < 0 && count != -EINTR) return count;
    if (count <= 0) continue;
    if (const int taken = take_selected(events, asked); taken > 0) return taken;
  }
}

}  // namespace gnomon::sim
