// SPDX-License-Identifier: GPL-2.0-or-later
// Memory of a role across a crash of any of our processes: systemd's fd store holds it, and gnomond only
// passes it on. Without systemd it ends with gnomond.
#pragma once

#include <cstddef>
#include <vector>

#include "base/os/error.hpp"
#include "base/os/fd.hpp"
#include "base/os/systemd.hpp"

namespace gnomon::launcher {

// The one of that name and size out of `inherited`, or a new one of zeros, given to systemd.
[[nodiscard]] base::OsResult<base::Fd> open_kept_memory(const char* name, std::size_t size,
                                                        std::vector<base::ActivatedSocket>& inherited);
// The next start begins afresh.
void forget_kept_memory(const char* name);

// Of what gnomon-core keeps: its last messages (`eventmemory`, octets), its measurements
// (`measurementmemory`). None where it cannot be had, or if size is 0.
inline constexpr const char* event_memory_name = "event-memory";
inline constexpr const char* measurement_memory_name = "measurement-memory";
[[nodiscard]] base::Fd open_ring_memory(const char* name, std::size_t size,
                                        std::vector<base::ActivatedSocket>& inherited);

}  // namespace gnomon::launcher
