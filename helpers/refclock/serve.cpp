// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/refclock/serve.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/os/channel.hpp"
#include "base/os/clocks.hpp"
#include "ipc/codec.hpp"

namespace gnomon::refclock {

namespace {

timespec until(base::MonoTime due, base::MonoTime now) {
  const auto left = std::max(base::Duration{0}, due - now);
  const auto whole = std::chrono::floor<std::chrono::seconds>(left);
  return {.tv_sec = whole.count(), .tv_nsec = (left - whole).count()};
}

int complain(base::Log& log, const std::string& why) {
  log.write(base::LogEvent::channel_broken, "Closing the channel to the core: " + why,
            {{base::LogField::reason, why}});
  return 1;
}

// The core says nothing: what is readable is its end.
int end_of(int channel, base::Log& log) {
  std::array<std::uint8_t, 1> space{};
  const auto received = base::receive_datagram(channel, space);
  if (received ? received->size == 0 : received.error().code == ECONNRESET) return 0;
  return complain(log, "the core sent something");
}

}  // namespace

bool send(int channel, const Messages& messages) {
  for (const auto& message : messages) {
    const auto sent = base::send_datagram_at_once(channel, ipc::encode(message, 0));
    if (!sent && (sent.error().code == EPIPE || sent.error().code == ECONNRESET)) return false;
  }
  return true;
}

int serve(int channel, Service& service, base::Log& log) {
  std::vector<pollfd> waited{{.fd = channel, .events = POLLIN, .revents = 0}};
  for (const int descriptor : service.descriptors())
    waited.push_back({.fd = descriptor, .events = POLLIN, .revents = 0});
  auto now = base::read_now().mono;
  while (!service.devices_changed()) {
    const timespec timeout = until(service.next_due(), now);
    const int ready = ppoll(waited.data(), waited.size(), &timeout, nullptr);
    if (ready < 0 && errno != EINTR) return complain(log, base::to_string(base::last_error("ppoll")));
    if (waited.front().revents != 0) return end_of(channel, log);
    now = base::read_now().mono;
    bool there = true;
    for (std::size_t i = 1; ready > 0 && i < waited.size(); ++i)
      if (waited[i].revents != 0) there = send(channel, service.on_readable(waited[i].fd, now)) && there;
    there = send(channel, service.on_time(now)) && there;
    if (!there) return 0;
  }
  return devices_changed_status;
}

}  // namespace gnomon::refclock
