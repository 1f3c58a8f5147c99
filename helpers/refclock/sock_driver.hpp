// SPDX-License-Identifier: GPL-2.0-or-later
// SOCK: a Unix datagram socket that other programs send samples to. gnomond makes and removes it, so that it
// stays the same when this process is started again.
#pragma once

#include "base/os/fd.hpp"
#include "helpers/refclock/driver.hpp"

namespace gnomon::refclock {

[[nodiscard]] Opened open_sock(base::Fd socket);

}  // namespace gnomon::refclock
