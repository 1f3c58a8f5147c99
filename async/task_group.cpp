// SPDX-License-Identifier: GPL-2.0-or-later
#include "async/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <utility>
#include <vector>

namespace gnomon::async {

namespace {

bool is_cancellation(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace

TaskGroup::TaskGroup(Loop& loop, FailureHandler on_failure)
    : loop_(loop), on_failure_(std::move(on_failure)), last_one_left_(loop) {}

void TaskGroup::spawn(const std::string& name, asio::awaitable<void> task, Id id) {
  if (stopped_) return;
  auto& signal = running_[id];
  asio::co_spawn(
      io(), std::move(task),
      asio::bind_cancellation_slot(
          signal.slot(), [this, name, id](const std::exception_ptr& failure) { on_end(name, id, failure); }));
}

void TaskGroup::cancel(Id id) {
  const auto task = running_.find(id);
  if (task != running_.end()) task->second.emit(asio::cancellation_type::terminal);
}

void TaskGroup::cancel_all() {
  // A task may end, and leave the table, at once.
  std::vector<Id> ids;
  ids.reserve(running_.size());
  for (const auto& [id, signal] : running_) ids.push_back(id);
  for (const auto id : ids) cancel(id);
}

void TaskGroup::stop() {
  stopped_ = true;
  // Not from inside a task: one that is cancelled while it runs could not be ended in order.
  asio::post(io(), [this] { cancel_all(); });
}

asio::awaitable<void> TaskGroup::drain() {
  cancel_all();
  co_await wait_until_empty();
}

asio::awaitable<void> TaskGroup::wait_until_empty() {
  while (!running_.empty()) co_await wait_for(last_one_left_);
}

void TaskGroup::on_end(const std::string& name, Id id, const std::exception_ptr& failure) {
  running_.erase(id);
  if (running_.empty()) last_one_left_.wake();
  if (!failure || is_cancellation(failure)) return;
  if (!on_failure_) std::rethrow_exception(failure);
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    on_failure_(name, error.what());
  }
}

}  // namespace gnomon::async
