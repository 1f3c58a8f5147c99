// SPDX-License-Identifier: GPL-2.0-or-later
// Known answers, for a library that was built by others, for a processor that it has perhaps never seen.
#pragma once

#include "helpers/ntske/primitives/primitives.hpp"

namespace gnomon::ntske {

// The first that computes something else than the standards say; nullptr: none. Signatures are not among
// them: each certificate's key is tried in a handshake.
[[nodiscard]] const char* failing_primitive(const Primitives& primitives);

}  // namespace gnomon::ntske
