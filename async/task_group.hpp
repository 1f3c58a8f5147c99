// SPDX-License-Identifier: GPL-2.0-or-later
// All coroutines of the core, so that none outlives what it refers to: stop() cancels them, and the
// io_context runs dry when the last one is done. Owned by the core.
#pragma once

#include <exception>
#include <functional>
#include <list>
#include <string>

#include <boost/asio/cancellation_signal.hpp>

#include "async/asio.hpp"

namespace gnomon::core {

class TaskGroup {
 public:
  // `on_failure` hears of exceptions that end a task, with the task's name and the exception's text.
  using FailureHandler = std::function<void(const std::string& task, const std::string& what)>;
  TaskGroup(asio::io_context& io, FailureHandler on_failure);
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // After stop() the task is dropped instead.
  void spawn(const std::string& name, asio::awaitable<void> task);
  void stop();
  // The io_context's run(), until no task is left.
  void run();
  [[nodiscard]] asio::io_context& io() { return io_; }

 private:
  using Signals = std::list<asio::cancellation_signal>;
  void on_end(const std::string& name, Signals::iterator signal, const std::exception_ptr& failure);

  asio::io_context& io_;
  FailureHandler on_failure_;
  Signals signals_;
  bool stopped_ = false;
};

}  // namespace gnomon::core
