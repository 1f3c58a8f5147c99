// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/server/signing_queue.hpp"

#include <poll.h>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using core::SigningQueue;

namespace {

bool is_readable(const SigningQueue& queue) {
  pollfd descriptor{queue.event(), POLLIN, 0};
  return poll(&descriptor, 1, 0) == 1;
}

}  // namespace

TEST_CASE("answers come out in their order, and the event says that there are some") {
  SigningQueue queue;
  CHECK_FALSE(is_readable(queue));
  CHECK_FALSE(queue.take());
  CHECK(queue.put({.account = {1}}));
  CHECK(queue.put({.account = {2}}));
  CHECK(is_readable(queue));
  queue.take_event();
  CHECK_FALSE(is_readable(queue));
  CHECK(queue.take()->account.number == 1);
  CHECK(queue.take()->account.number == 2);
  CHECK_FALSE(queue.take());
}

TEST_CASE("a full queue takes no more until something is taken out") {
  SigningQueue queue;
  for (std::size_t i = 0; i < SigningQueue::most; ++i) CHECK(queue.put({}));
  CHECK_FALSE(queue.put({}));
  CHECK(queue.take());
  CHECK(queue.put({}));
  queue.clear();
  CHECK_FALSE(queue.take());
}
