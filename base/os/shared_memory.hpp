// SPDX-License-Identifier: GPL-2.0-or-later
// Memory that several processes have, one after the other or at the same time: a descriptor that one makes
// and hands over, and its mapping.
#pragma once

#include <cstddef>

#include "base/os/error.hpp"
#include "base/os/fd.hpp"

namespace gnomon::base {

// `size` octets of zeros, closed on exec. It keeps its size for ever, so that a mapping always has its
// octets.
[[nodiscard]] OsResult<Fd> make_shared_memory(const char* name, std::size_t size);
// Whether it was made by make_shared_memory() with this size.
[[nodiscard]] bool is_shared_memory(int fd, std::size_t size);

// The descriptor's memory for as long as the process lives; the descriptor is closed. nullptr: -1, smaller
// than `size`, or it cannot be mapped.
[[nodiscard]] void* map_shared_memory(int fd, std::size_t size);

}  // namespace gnomon::base
