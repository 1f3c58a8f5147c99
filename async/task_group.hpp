// SPDX-License-Identifier: GPL-2.0-or-later
// Coroutines that run beside their owner, none of which outlives what it refers to: the owner cancels them,
// and waits, or the loop runs dry, until the last one is gone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <string>

#include <boost/asio/cancellation_signal.hpp>

#include "async/loop.hpp"

namespace gnomon::async {

class TaskGroup {
 public:
  using Id = std::uint64_t;
  // Hears of exceptions that end a task, with the task's name and the exception's text. Being cancelled is no
  // failure. Without a handler a failure ends the program: it leaves Loop::run().
  using FailureHandler = std::function<void(const std::string& task, const std::string& what)>;
  explicit TaskGroup(Loop& loop, FailureHandler on_failure = {});
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // After stop() the task is dropped instead. `id`: by which cancel() knows it; of one group either all have
  // one or none.
  void spawn(const std::string& name, asio::awaitable<void> task, Id id);
  void spawn(const std::string& name, asio::awaitable<void> task) {
    spawn(name, std::move(task), ++last_id_);
  }
  // Ends what it waits for; if it goes on, it may be cancelled again.
  void cancel(Id id);
  // Cancels all, once the task that calls this lets others run, and drops those that come later.
  void stop();
  // Cancels all and waits until the last one is gone. For who is none of them.
  [[nodiscard]] asio::awaitable<void> drain();
  // One waits at a time.
  [[nodiscard]] asio::awaitable<void> wait_until_empty();

  [[nodiscard]] std::size_t size() const { return running_.size(); }
  [[nodiscard]] Loop& loop() { return loop_; }
  [[nodiscard]] asio::io_context& io() { return loop_.io(); }
  [[nodiscard]] base::Now now() const { return loop_.now(); }

 private:
  void cancel_all();
  void on_end(const std::string& name, Id id, const std::exception_ptr& failure);

  Loop& loop_;
  FailureHandler on_failure_;
  Timer last_one_left_;
  Id last_id_ = 0;
  std::map<Id, asio::cancellation_signal> running_;
  bool stopped_ = false;
};

}  // namespace gnomon::async
