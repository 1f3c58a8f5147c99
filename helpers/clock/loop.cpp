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

using Space = std::array<std::uint8_t, ipc::max_frame_size>;

Progress complain(const Session& session, const char* what, int code) {
  std::array<char, 100> line{};
  std::snprintf(line.data(), line.size(), "Closing the channel to the core: %s (errno %d)", what, code);
  session.log.write(base::LogEvent::channel_broken, line.data(),
                    {{base::LogField::reason, what}, {base::LogField::os_error, code}});
  return Progress::broken;
}

Progress send(const Session& session, base::Bytes datagram) {
  // Whoever waits here for a core that does not read lets a slew run on.
  const auto sent = base::send_datagram_at_once(session.channel, datagram);
  if (sent) return Progress::go_on;
  // The core has gone between its request and the reply: what it asked for has been done.
  if (sent.error().code == EPIPE || sent.error().code == ECONNRESET) return Progress::closed;
  const bool full = sent.error().code == EAGAIN || sent.error().code == EWOULDBLOCK;
  return complain(session, full ? "the core does not read its answers" : "cannot reply", sent.error().code);
}

struct Ready {
  int count = 0;  // 0: something is due
  bool channel = false;
};

Ready wait_for_input(const Session& session, base::SystemClock& clock) {
  std::array waited{pollfd{session.channel, POLLIN, 0}, pollfd{session.service.rtc_descriptor(), POLLIN, 0}};
  timespec timeout{};
  const auto end = session.service.due();
  if (end) {
    const auto left = std::max(base::Duration{0}, *end - clock.now().mono);
    const auto whole = std::chrono::floor<std::chrono::seconds>(left);
    timeout.tv_sec = whole.count();
    timeout.tv_nsec = (left - whole).count();
  }
  const int count = ppoll(waited.data(), waited.size(), end ? &timeout : nullptr, nullptr);
  return {count, waited[0].revents != 0};
}

Progress next(const Session& session, base::SystemClock& clock) {
  const auto ready = wait_for_input(session, clock);
  if (ready.count > 0) return ready.channel ? answer_one(session) : on_rtc(session);
  if (ready.count == 0) return on_time(session);
  return errno == EINTR ? Progress::go_on : complain(session, "cannot wait", errno);
}

}  // namespace

// The end of a slew goes first: requests without end do not make it longer.
Progress answer_one(const Session& session) {
  if (session.service.is_due()) return on_time(session);
  Space request;
  const auto received = base::receive_datagram(session.channel, request);
  if (!received && received.error().code == ECONNRESET) return Progress::closed;
  // It was said to be there, and is not: whoever waits may be told of one twice.
  if (!received && received.error().code == EAGAIN) return Progress::go_on;
  if (!received) return complain(session, "cannot receive", received.error().code);
  if (received->size == 0) return Progress::closed;
  if (received->descriptor) return complain(session, "a descriptor came along", 0);
  Space reply;
  const auto size = session.service.handle(base::Bytes{request}.first(received->size), reply);
  if (size == 0) return complain(session, "not a request", 0);
  return send(session, base::Bytes{reply}.first(size));
}

Progress on_time(const Session& session) {
  Space event;
  const auto size = session.service.on_time(event);
  return size == 0 ? Progress::go_on : send(session, base::Bytes{event}.first(size));
}

Progress on_rtc(const Session& session) {
  if (session.service.is_due()) return on_time(session);
  Space event;
  const auto size = session.service.on_rtc(event);
  return size == 0 ? Progress::go_on : send(session, base::Bytes{event}.first(size));
}

int serve(int channel, ClockService& service, base::SystemClock& clock, base::Log& log) {
  const Session session{channel, service, log};
  auto progress = Progress::go_on;
  while (progress == Progress::go_on) progress = next(session, clock);
  service.leave();
  return progress == Progress::closed ? 0 : 1;
}

}  // namespace gnomon::clock
