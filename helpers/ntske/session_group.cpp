// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/session_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <utility>

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

void SessionGroup::spawn(asio::awaitable<void> session) {
  const auto place = running_.emplace(running_.end());
  auto when_ended = [this, place](const std::exception_ptr& problem) {
    ended(place);
    rethrow_unless_cancelled(problem);
  };
  asio::co_spawn(executor_, std::move(session), asio::bind_cancellation_slot(place->slot(), when_ended));
}

void SessionGroup::ended(Running::iterator session) {
  running_.erase(session);
  if (running_.empty()) last_one_left_.cancel();
}

asio::awaitable<void> SessionGroup::drain() {
  // Emitting may end a session at once and so remove its entry.
  for (auto session = running_.begin(); session != running_.end();) {
    const auto next = std::next(session);
    session->emit(asio::cancellation_type::terminal);
    session = next;
  }
  while (!running_.empty()) {
    const auto [ec] = co_await last_one_left_.async_wait(tok);
    static_cast<void>(ec);
  }
}

}  // namespace gnomon::ntske
