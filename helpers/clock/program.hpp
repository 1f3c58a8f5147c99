// SPDX-License-Identifier: GPL-2.0-or-later
// All of gnomon-clock except the clock itself, which is passed in.
#pragma once

#include <span>
#include <string>

#include "base/os/adjtime.hpp"
#include "base/os/log.hpp"

namespace gnomon::clock {

// `words`: argv[1..]; the channel to the core is descriptor 3. `capable`: this process may try to set the
// clock. Gives up every other privilege first. Returns the exit status.
[[nodiscard]] int run(std::span<const std::string> words, base::SystemClock& kernel, bool capable,
                      base::Log& log);

}  // namespace gnomon::clock
