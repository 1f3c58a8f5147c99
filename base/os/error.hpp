// SPDX-License-Identifier: GPL-2.0-or-later
// An error of the operating system as a value: which call, and its errno. Needs no heap.
#pragma once

#include <expected>
#include <string>

namespace gnomon::base {

struct OsError {
  const char* call = "";  // a literal: what was tried
  int code = 0;           // errno; 0: `call` is the whole sentence
  friend bool operator==(const OsError& a, const OsError& b) { return a.code == b.code; }
};
[[nodiscard]] std::string to_string(const OsError& error);  // "bind: Address already in use"

// errno of the call that has just failed.
[[nodiscard]] OsError last_error(const char* call);

template <class T>
using OsResult = std::expected<T, OsError>;

}  // namespace gnomon::base
