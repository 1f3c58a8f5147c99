// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/groups.hpp"

#include <unistd.h>

#include <algorithm>

namespace gnomon::base {

std::vector<gid_t> supplementary_groups() {
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(getgroups(0, nullptr), 0)));
  const int count = getgroups(static_cast<int>(groups.size()), groups.data());
  groups.resize(static_cast<std::size_t>(std::max(count, 0)));
  return groups;
}

}  // namespace gnomon::base
