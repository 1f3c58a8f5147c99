// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/link/session_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <utility>
#include <vector>

namespace gnomon::ntske {
namespace {

// Being cancelled is the one exception a session may end by.
void rethrow_unless_cancelled(const std::exception_ptr& problem) {
  if (!problem) return;
  try {
    std::rethrow_exception(problem);
  } catch (const boost::system::system_error& error) {
    if (error.code() != asio::error::operation_aborted) throw;
  }
}

}  // namespace

SessionGroup::SessionGroup(const asio::any_io_executor& executor)
    : executor_(executor), last_one_left_(executor, asio::steady_timer::time_point::max()) {}

void SessionGroup::spawn(asio::awaitable<void> session, std::uint64_t id) {
  auto& signal = running_[id];
  auto when_ended = [this, id](const std::exception_ptr& problem) {
    ended(id);
    rethrow_unless_cancelled(problem);
  };
  asio::co_spawn(executor_, std::move(session), asio::bind_cancellation_slot(signal.slot(), when_ended));
}

void SessionGroup::cut(std::uint64_t id) {
  const auto session = running_.find(id);
  if (session != running_.end()) session->second.emit(asio::cancellation_type::terminal);
}

void SessionGroup::ended(std::uint64_t id) {
  running_.erase(id);
  if (running_.empty()) last_one_left_.cancel();
}

asio::awaitable<void> SessionGroup::drain() {
  // Emitting may end a session at once and so remove its entry.
  std::vector<std::uint64_t> ids;
  ids.reserve(running_.size());
  for (const auto& [id, signal] : running_) ids.push_back(id);
  for (const auto id : ids) cut(id);
  co_await wait_until_empty();
}

asio::awaitable<void> SessionGroup::wait_until_empty() {
  while (!running_.empty()) {
    const auto [ec] = co_await last_one_left_.async_wait(tok);
    static_cast<void>(ec);
  }
}

}  // namespace gnomon::ntske
