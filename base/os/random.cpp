// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/random.hpp"

#include <sys/random.h>

#include <cerrno>
#include <system_error>

namespace gnomon::base {

void fill_random(MutableBytes bytes) {
  while (!bytes.empty()) {
    const auto got = getrandom(bytes.data(), bytes.size(), 0);
    if (got > 0)
      bytes = bytes.subspan(static_cast<std::size_t>(got));
    else if (got == 0 || errno != EINTR)
      throw std::system_error{got == 0 ? EIO : errno, std::generic_category(), "getrandom"};
  }
}

}  // namespace gnomon::base
