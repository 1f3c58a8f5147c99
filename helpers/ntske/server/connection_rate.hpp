// SPDX-License-Identifier: GPL-2.0-or-later
// How many connections ntsratelimit lets a client make: one limit, however many server processes there are.
#pragma once

#include "base/rate_limiter.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::ntske {

// Counts in the memory of `setup.rate_fd`, which is closed; without such memory in its own.
[[nodiscard]] base::RateLimiter connection_rate(const ipc::KeServerSetup& setup);

}  // namespace gnomon::ntske
