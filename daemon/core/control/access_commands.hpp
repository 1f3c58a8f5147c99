// SPDX-License-Identifier: GPL-2.0-or-later
// The commands that concern who may ask us something: chronyc's allow, deny, cmdallow, cmddeny. Applied by
// the core.
#pragma once

#include <cstdint>

#include "base/access.hpp"

namespace gnomon::core::control {

enum class AccessList : std::uint8_t {
  ntp,      // allow, deny
  commands  // cmdallow, cmddeny
};

struct ChangeAccess {
  AccessList list = AccessList::ntp;
  base::AccessRule rule;
  friend bool operator==(const ChangeAccess&, const ChangeAccess&) = default;
};

}  // namespace gnomon::core::control
