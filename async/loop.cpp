// SPDX-License-Identifier: GPL-2.0-or-later
#include "async/loop.hpp"

#include <boost/system/system_error.hpp>

#include <chrono>

namespace gnomon::async {

namespace {

using SteadyTime = asio::steady_timer::time_point;

// libstdc++'s steady_clock is CLOCK_MONOTONIC, as base::MonoClock.
SteadyTime to_steady(base::MonoTime time) {
  return SteadyTime{time.time_since_epoch()};
}

}  // namespace

Loop::Loop(Context& io, const base::Clock& clock) : io_(io), clock_(clock), machine_timer_(io) {}

void Loop::run() {
  while (true) {
    try {
      io_.run();
      return;
    } catch (const boost::system::system_error& error) {
      // A task that was cancelled before its first step ends this way.
      if (error.code() == asio::error::operation_aborted) continue;
      io_.drop_tasks();
      throw;
    } catch (...) {
      io_.drop_tasks();
      throw;
    }
  }
}

Loop::Key Loop::add(base::MonoTime due, Timer& timer) {
  const Key key{due, ++waits_};
  waiting_.emplace(key, &timer);
  arm();
  return key;
}

void Loop::remove(const Key& key) {
  waiting_.erase(key);
  arm();
}

std::optional<base::MonoTime> Loop::next_due() const {
  if (waiting_.empty()) return std::nullopt;
  return waiting_.begin()->first.first;
}

// Only while somebody waits: the io_context is to run dry when nobody does.
void Loop::arm() {
  const auto due = next_due();
  if (due == armed_for_) return;
  armed_for_ = due;
  if (!due) {
    machine_timer_.cancel();
    return;
  }
  machine_timer_.expires_at(to_steady(*due));
  machine_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    armed_for_.reset();
    wake_due();
    arm();
  });
}

void Loop::wake_due() {
  const auto now = clock_.now().mono;
  while (!waiting_.empty() && waiting_.begin()->first.first <= now) waiting_.begin()->second->wake();
}

Timer::Timer(Loop& loop) : loop_(loop), event_(loop.io(), SteadyTime::max()) {}

Timer::Timer(Loop& loop, base::Duration after) : Timer(loop) {
  expires_after(after);
}

Timer::~Timer() {
  leave_queue();
}

void Timer::leave_queue() {
  if (const auto key = std::exchange(queued_, std::nullopt)) loop_.remove(*key);
}

void Timer::expires_at(base::MonoTime due) {
  due_ = due;
  wake();
}

void Timer::expires_after(base::Duration duration) {
  const auto now = loop_.now().mono;
  expires_at(duration < base::MonoTime::max() - now ? now + duration : base::MonoTime::max());
}

void Timer::wake() {
  leave_queue();
  event_.cancel();
}

asio::awaitable<bool> Timer::wait() {
  const bool due = is_due();
  event_.expires_at(due ? SteadyTime::min() : SteadyTime::max());
  if (!due && due_ != base::MonoTime::max()) queued_ = loop_.add(due_, *this);
  [[maybe_unused]] const auto [woken] = co_await event_.async_wait(tok);
  leave_queue();
  co_return is_due();
}

asio::awaitable<void> end_if_cancelled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none)
    throw boost::system::system_error{asio::error::operation_aborted};
}

asio::awaitable<void> wait_for(Timer& timer) {
  [[maybe_unused]] const bool in_time = co_await timer.wait();
  co_await end_if_cancelled();
}

asio::awaitable<void> pause_for(Loop& loop, base::Duration duration) {
  Timer timer{loop, duration};
  co_await wait_for(timer);
}

}  // namespace gnomon::async
