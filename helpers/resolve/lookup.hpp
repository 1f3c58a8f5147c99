// SPDX-License-Identifier: GPL-2.0-or-later
// Looks one name up with the system's resolver.
#pragma once

#include <expected>

#include "ipc/resolve_messages.hpp"

namespace gnomon::resolve {

// Blocks. The resolver's order, each address once, at most max_resolved_addresses of them.
[[nodiscard]] std::expected<ipc::Resolved, ipc::ResolveError> look_up(const ipc::Resolve& request);

}  // namespace gnomon::resolve
