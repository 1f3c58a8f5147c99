// SPDX-License-Identifier: GPL-2.0-or-later
// One thread's coroutines and the time they go by: an io_context, a clock, and the timers that are waited
// for. Owned by the program (or a test); outlives everything that runs on it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "async/asio.hpp"
#include "base/clock.hpp"

namespace gnomon::async {

class Timer;

// An io_context whose tasks can be destroyed before what they refer to.
class Context : public asio::io_context {
 public:
  using asio::io_context::io_context;
  // Destroys all tasks where they wait. Afterwards nothing runs any more.
  void drop_tasks() { shutdown(); }
};

class Loop {
 public:
  // Makes all descriptors it needs, so that a system call filter may forbid more afterwards.
  Loop(Context& io, const base::Clock& clock);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  [[nodiscard]] asio::io_context& io() { return io_; }
  [[nodiscard]] const base::Clock& clock() const { return clock_; }
  [[nodiscard]] base::Now now() const { return clock_.now(); }

  // The io_context's run(), until no task is left. An exception that leaves it has destroyed all tasks,
  // before their owners go.
  void run();
  // Wakes those whose time has come. Happens by itself with the machine's clock; who sets another forward
  // calls it afterwards.
  void wake_due();
  // When wake_due() has something to do; nullopt: nobody waits for a time.
  [[nodiscard]] std::optional<base::MonoTime> next_due() const;

 private:
  friend class Timer;
  using Key = std::pair<base::MonoTime, std::uint64_t>;  // in the order of their times, then of their waits
  Key add(base::MonoTime due, Timer& timer);
  void remove(const Key& key);
  void arm();

  Context& io_;
  const base::Clock& clock_;
  std::map<Key, Timer*> waiting_;
  std::uint64_t waits_ = 0;
  std::optional<base::MonoTime> armed_for_;
  asio::steady_timer machine_timer_;
};

// A time that one coroutine waits for, or news that come before. Without a time: news alone.
class Timer {
 public:
  explicit Timer(Loop& loop);
  Timer(Loop& loop, base::Duration after);
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer();

  // Ends a wait that is under way, as wake() does.
  void expires_at(base::MonoTime due);
  void expires_after(base::Duration duration);  // Duration::max(): never
  void expires_at_once() { expires_at(base::MonoTime::min()); }
  // Ends a wait before its time; without one under way nothing happens.
  void wake();

  // Lets others run in any case. True: the time has come. False: woken before, or the task is cancelled,
  // which does not throw.
  [[nodiscard]] asio::awaitable<bool> wait();

 private:
  friend class Loop;
  [[nodiscard]] bool is_due() const { return due_ <= loop_.now().mono; }
  void leave_queue();

  Loop& loop_;
  base::MonoTime due_ = base::MonoTime::max();
  std::optional<Loop::Key> queued_;
  asio::steady_timer event_;  // ends the wait when it is cancelled
};

// The two below throw operation_aborted when the task is cancelled, so that no loop does its work once more
// after TaskGroup::stop().
[[nodiscard]] asio::awaitable<void> pause_for(Loop& loop, base::Duration duration);
// Until the timer's time, or until it is woken for the sake of news.
[[nodiscard]] asio::awaitable<void> wait_for(Timer& timer);
// After a wait that gives its error as a value: a task that was cancelled meanwhile does not act on it.
[[nodiscard]] asio::awaitable<void> end_if_cancelled();

}  // namespace gnomon::async
