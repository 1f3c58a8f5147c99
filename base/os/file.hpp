// SPDX-License-Identifier: GPL-2.0-or-later
// Small files as a whole: read with a limit, and replaced so that a reader sees the old or the new text,
// never a mixture.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/os/error.hpp"

namespace gnomon::base {

// EFBIG: longer than `limit` octets; EISDIR: a folder; 0: neither folder nor regular file. Waits for nobody,
// whatever stands there.
[[nodiscard]] OsResult<std::string> read_file(const std::string& path, std::size_t limit = 1U << 20U);
// From where the descriptor stands to its end.
[[nodiscard]] OsResult<std::string> read_to_end(int fd, std::size_t limit = 1U << 20U);

// Written to `path`.tmp, fsynced, renamed. On failure the old file is untouched and no temporary is left.
[[nodiscard]] OsResult<void> write_file_atomically(const std::string& path, std::string_view content,
                                                   mode_t mode = 0644);
// So that it does not come back after a power failure. A missing file is not an error.
void remove_file(const std::string& path);

// Tells one content of a path from the next: another file in its place, or the same one written again.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t changed_s = 0;  // also by chmod, chown and rename
  std::int64_t changed_ns = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
[[nodiscard]] std::optional<FileStamp> stamp_of(const std::string& path);  // nullopt: nothing there

}  // namespace gnomon::base
