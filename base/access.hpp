// SPDX-License-Identifier: GPL-2.0-or-later
// allow and deny as chrony means them: the rule with the longest prefix decides; without one, deny.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.hpp"

namespace gnomon::base {

struct AccessRule {
  bool allow = false;
  Subnet subnet;     // family unspecified: all addresses of both families
  bool all = false;  // `allow all`, `deny all`: forget the more specific rules inside this subnet
  friend bool operator==(const AccessRule&, const AccessRule&) = default;
};

// A table made from the rules in the order they were given; a later rule for the same subnet
// replaces an earlier one. Lookup allocates nothing.
class AccessTable {
 public:
  AccessTable() = default;
  explicit AccessTable(const std::vector<AccessRule>& rules);
  // As if it had been given last.
  void add(const AccessRule& rule);
  [[nodiscard]] bool allows(const IpAddress& address) const;
  [[nodiscard]] bool allows_any() const;  // whether any address at all is allowed
  [[nodiscard]] const std::vector<AccessRule>& rules() const { return rules_; }

 private:
  std::vector<AccessRule> rules_;  // longest prefix first
};

}  // namespace gnomon::base
