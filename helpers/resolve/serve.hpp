// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-resolve's loop: one name, one answer.
#pragma once

#include <cstdint>

#include "base/os/log.hpp"
#include "helpers/resolve/file_watch.hpp"

namespace gnomon::resolve {

enum class Progress : std::uint8_t { go_on, closed, broken };
// One name: waits for the request when there is none yet, and for the system's resolver.
// `watch`: null where files are not watched.
[[nodiscard]] Progress answer_one(int channel, base::Log& log, FileWatch* watch = nullptr);

// Until the channel ends: 0 after end of file, 1 after anything unexpected.
[[nodiscard]] int serve(int channel, FileWatch& watch, base::Log& log);

}  // namespace gnomon::resolve
