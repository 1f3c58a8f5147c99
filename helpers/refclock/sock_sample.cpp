// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/refclock/sock_sample.hpp"

#include <cmath>

#include "helpers/refclock/field.hpp"
#include "helpers/refclock/sane_time.hpp"

namespace gnomon::refclock {

std::expected<ipc::RefclockReading, SockFault> parse_sock_sample(base::Bytes datagram) {
  const bool wide = datagram.size() == sock_sample_size;
  if (!wide && datagram.size() != sock_sample_size_32) return std::unexpected(SockFault::size);
  const std::size_t rest = wide ? 16 : 8;  // behind the timeval
  if (field<std::int32_t>(datagram, rest + 20) != sock_magic) return std::unexpected(SockFault::magic);
  const auto seconds = wide ? field<std::int64_t>(datagram, 0) : field<std::int32_t>(datagram, 0);
  const auto microseconds = wide ? field<std::int64_t>(datagram, 8) : field<std::int32_t>(datagram, 4);
  if (microseconds < -1'000'000 || microseconds > 2'000'000) return std::unexpected(SockFault::time);
  const auto time = sane_time(seconds, microseconds * 1000);
  if (!time) return std::unexpected(SockFault::time);
  const auto offset = field<double>(datagram, rest);
  // Beyond that the clock's time would not be one.
  constexpr double largest = 4.6e9;
  if (!std::isfinite(offset) || std::fabs(offset) > largest) return std::unexpected(SockFault::offset);
  const auto pulse = field<std::int32_t>(datagram, rest + 8) != 0;
  return ipc::RefclockReading{.kind = pulse ? ipc::RefclockKind::pulse : ipc::RefclockKind::time,
                              .time = *time,
                              .offset = base::to_duration(base::Seconds{offset}),
                              .leap = sane_leap(field<std::int32_t>(datagram, rest + 12))};
}

}  // namespace gnomon::refclock
