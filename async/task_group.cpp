// SPDX-License-Identifier: GPL-2.0-or-later
#include "async/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace gnomon::core {

TaskGroup::TaskGroup(asio::io_context& io, FailureHandler on_failure)
    : io_(io), on_failure_(std::move(on_failure)) {}

void TaskGroup::spawn(const std::string& name, asio::awaitable<void> task) {
  if (stopped_) return;
  const auto signal = signals_.emplace(signals_.end());
  asio::co_spawn(
      io_, std::move(task),
      asio::bind_cancellation_slot(signal->slot(), [this, name, signal](const std::exception_ptr& failure) {
        on_end(name, signal, failure);
      }));
}

void TaskGroup::stop() {
  stopped_ = true;
  // Not from inside a task: one that is cancelled while it runs could not be ended in order.
  asio::post(io_, [this] {
    for (auto signal = signals_.begin(); signal != signals_.end();) {
      auto& current = *signal++;  // a task may end, and leave the list, at once
      current.emit(asio::cancellation_type::terminal);
    }
  });
}

void TaskGroup::run() {
  while (true) {
    try {
      io_.run();
      return;
    } catch (const boost::system::system_error& error) {
      // A task that was cancelled before its first step ends this way.
      if (error.code() != asio::error::operation_aborted) throw;
    }
  }
}

void TaskGroup::on_end(const std::string& name, Signals::iterator signal, const std::exception_ptr& failure) {
  signals_.erase(signal);
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    if (error.code() != asio::error::operation_aborted) on_failure_(name, error.what());
  } catch (const std::exception& error) {
    on_failure_(name, error.what());
  }
}

}  // namespace gnomon::core
