// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/server/signing_queue.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace gnomon::core {

SigningQueue::SigningQueue() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!event_) throw std::system_error{errno, std::generic_category(), "eventfd"};
}

bool SigningQueue::put(const UnsignedAnswer& answer) {
  const std::lock_guard lock{mutex_};
  if (waiting_.size() >= most) return false;
  waiting_.push_back(answer);
  const std::uint64_t one = 1;
  // An eventfd takes it unless it holds 2^64 - 2 already.
  return ::write(event_.get(), &one, sizeof one) == static_cast<ssize_t>(sizeof one);
}

std::optional<UnsignedAnswer> SigningQueue::take() {
  const std::lock_guard lock{mutex_};
  if (waiting_.empty()) return std::nullopt;
  const auto answer = waiting_.front();
  waiting_.pop_front();
  return answer;
}

void SigningQueue::clear() {
  const std::lock_guard lock{mutex_};
  waiting_.clear();
}

void SigningQueue::take_event() {
  std::uint64_t count = 0;
  static_cast<void>(::read(event_.get(), &count, sizeof count));  // nothing there: nothing to take
}

}  // namespace gnomon::core
