// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/error.hpp"

#include <cerrno>
#include <system_error>

namespace gnomon::base {

std::string to_string(const OsError& error) {
  if (error.code == 0) return error.call;
  return std::string{error.call} + ": " + std::generic_category().message(error.code);
}

OsError last_error(const char* call) {
  return {call, errno};
}

}  // namespace gnomon::base
