// SPDX-License-Identifier: GPL-2.0-or-later
// Which authorities of a file have not expired: the library can only check both dates or neither.
#pragma once

#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace gnomon::ntske {

// The certificates of `pem` that end at `time` or later, each a PEM text of its own. What cannot be read is
// left out.
[[nodiscard]] std::vector<base::Buffer> unexpired(base::Bytes pem, base::RealTime time);

}  // namespace gnomon::ntske
