// SPDX-License-Identifier: GPL-2.0-or-later
// SOCK: a Unix datagram socket that other programs send samples to. gnomond makes and removes it, so that it
// stays the same when this process is started again.
#pragma once

#include <sys/types.h>

#include "base/os/fd.hpp"
#include "helpers/refclock/driver.hpp"

namespace gnomon::refclock {

// `socket`: with SO_PASSCRED. `own`: the user whose processes send no samples, the one we run as; 0: nobody,
// since root sends them where it likes.
[[nodiscard]] Opened open_sock(base::Fd socket, uid_t own);

}  // namespace gnomon::refclock
