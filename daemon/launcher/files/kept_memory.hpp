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

// Of the last messages of gnomon-core (`eventmemory`, octets). None where it cannot be had, or if size is 0.
[[nodiscard]] base::Fd open_event_memory(std::size_t size, std::vector<base::ActivatedSocket>& inherited);

}  // namespace gnomon::launcher
