// SPDX-License-Identifier: GPL-2.0-or-later
// Our clock as the header of a packet has it (RFC 5905 section 7.3): leap, stratum, precision, root delay and
// dispersion, reference identifier and timestamp. Mode, version, poll and the other timestamps are the
// caller's.
#pragma once

#include "base/time.hpp"
#include "daemon/core/engine/values/server_view.hpp"
#include "protocol/ntp/extensions.hpp"
#include "protocol/ntp/packet.hpp"

namespace gnomon::engine {

// As it is, for peers. `at`: a reading of the clock, which the dispersion has grown until.
[[nodiscard]] protocol::Header clock_header(const ServerView& view, base::RealTime at);
// As it is served to clients: smoothed if `smoothtime` says so. Its receive timestamp is `at`.
[[nodiscard]] protocol::Header served_header(const ServerView& view, base::RealTime at);
// Root values and epoch for the extension field F323, as they are at `at`; without a receive timestamp.
[[nodiscard]] protocol::MonotonicRoot monotonic_root(const ServerView& view, base::RealTime at);
// The same, of a packet that arrived when the clock showed `received`, as clients are served.
[[nodiscard]] protocol::MonotonicRoot served_monotonic_root(const ServerView& view, base::RealTime received);
// What is served when the clock shows `reading`.
[[nodiscard]] base::RealTime served(const ServerView& view, base::RealTime reading);

}  // namespace gnomon::engine
