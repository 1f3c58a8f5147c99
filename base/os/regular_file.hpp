// SPDX-License-Identifier: GPL-2.0-or-later
// A file that somebody else has named, opened for reading: whatever stands under that name, nothing is waited
// for, set off or changed by opening it. And what to do where a file cannot be read or written.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace gnomon::base {

struct NotOpened {
  int error = 0;          // errno of what was tried; 0: something is there, but no regular file
  const char* what = "";  // there is instead of a regular file
};
// The descriptor, closed on exec. Links are followed; what they lead to has to be a regular file.
[[nodiscard]] std::expected<int, NotOpened> open_regular_file(const std::string& path);

// As a sentence. Where the permissions of the file are not the reason for a refusal it says that a security
// module is: mode, user and groups are compared by hand, since no sandbox has access(2). Not for sandboxes:
// it asks who we are.
[[nodiscard]] std::string why_unreadable(const std::string& path, const NotOpened& refusal);
[[nodiscard]] inline std::string why_unreadable(const std::string& path, int error) {
  return why_unreadable(path, NotOpened{error});
}

// What to do about a file that could not be written, by errno; a clause. directive: what names the file or
// its directory.
[[nodiscard]] std::string remedy_of_writing(int error, const std::string& path, std::string_view directive);
// The same where one could not be read.
[[nodiscard]] std::string remedy_of_reading(int error, std::string_view directive);

}  // namespace gnomon::base
