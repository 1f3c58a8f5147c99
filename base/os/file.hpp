// SPDX-License-Identifier: GPL-2.0-or-later
// Small files whole: read with a limit, replaced so that a reader sees the old or the new text and no
// mixture.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/os/error.hpp"

namespace gnomon::base {

// EFBIG: longer than `limit` octets.
[[nodiscard]] OsResult<std::string> read_file(const std::string& path, std::size_t limit = 1U << 20U);
// From where the descriptor stands to its end.
[[nodiscard]] OsResult<std::string> read_to_end(int fd, std::size_t limit = 1U << 20U);

// Written to `path`.tmp, fsynced, renamed. On failure the old file is untouched and no temporary is left.
[[nodiscard]] OsResult<void> write_file_atomically(const std::string& path, std::string_view content,
                                                   mode_t mode = 0644);

}  // namespace gnomon::base
