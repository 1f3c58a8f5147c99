// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/clock/loop.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "base/os/channel.hpp"

namespace gnomon::clock {

namespace {

enum class Progress : std::uint8_t { go_on, closed, broken };

using Space = std::array<std::uint8_t, ipc::max_frame_size>;

struct Loop {
  int channel;
  ClockService& service;
  base::SystemClock& clock;
  base::Log& log;
};

Progress complain(const Loop& loop, const char* what, int code) {
  std::array<char, 100> line{};
  std::snprintf(line.data(), line.size(), "Closing the channel to the core: %s (errno %d)", what, code);
  loop.log.error(line.data());
  return Progress::broken;
}

Progress send(const Loop& loop, base::Bytes datagram) {
  const auto sent = base::send_datagram(loop.channel, datagram);
  if (sent) return Progress::go_on;
  // The core has gone between its request and the reply: what it asked for has been done.
  if (sent.error().code == EPIPE || sent.error().code == ECONNRESET) return Progress::closed;
  return complain(loop, "cannot reply", sent.error().code);
}

Progress serve_one(const Loop& loop) {
  Space request;
  const auto received = base::receive_datagram(loop.channel, request);
  if (!received && received.error().code == ECONNRESET) return Progress::closed;
  if (!received) return complain(loop, "cannot receive", received.error().code);
  if (received->size == 0) return Progress::closed;
  if (received->descriptor) return complain(loop, "a descriptor came along", 0);
  Space reply;
  const auto size = loop.service.handle(base::Bytes{request}.first(received->size), reply);
  if (size == 0) return complain(loop, "not a request", 0);
  return send(loop, base::Bytes{reply}.first(size));
}

Progress end_slew(const Loop& loop) {
  Space event;
  const auto size = loop.service.end_slew(event);
  return size == 0 ? Progress::go_on : send(loop, base::Bytes{event}.first(size));
}

// Positive: there is input; 0: the slew is over.
int wait_for_input(const Loop& loop) {
  pollfd waited{loop.channel, POLLIN, 0};
  timespec timeout{};
  const auto end = loop.service.slew_end();
  if (end) {
    const auto left = std::max(base::Duration{0}, *end - loop.clock.now().mono);
    const auto whole = std::chrono::floor<std::chrono::seconds>(left);
    timeout.tv_sec = whole.count();
    timeout.tv_nsec = (left - whole).count();
  }
  return ppoll(&waited, 1, end ? &timeout : nullptr, nullptr);
}

Progress next(const Loop& loop) {
  const int ready = wait_for_input(loop);
  if (ready > 0) return serve_one(loop);
  if (ready == 0) return end_slew(loop);
  return errno == EINTR ? Progress::go_on : complain(loop, "cannot wait", errno);
}

}  // namespace

int serve(int channel, ClockService& service, base::SystemClock& clock, base::Log& log) {
  const Loop loop{channel, service, clock, log};
  auto progress = Progress::go_on;
  while (progress == Progress::go_on) progress = next(loop);
  service.leave();
  return progress == Progress::closed ? 0 : 1;
}

}  // namespace gnomon::clock
