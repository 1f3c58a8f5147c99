// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/access.hpp"

#include <algorithm>

namespace gnomon::base {

namespace {

bool inside(const Subnet& inner, const Subnet& outer) {
  if (!outer.address.is_specified()) return true;
  return inner.address.is_specified() && inner.bits >= outer.bits && contains(outer, inner.address);
}

// A rule for all addresses is one for those of each family, too.
bool replaces(const Subnet& later, const Subnet& earlier) {
  return later == earlier || (!later.address.is_specified() && earlier.bits == 0);
}

int specificity(const AccessRule& rule) {
  return rule.subnet.address.is_specified() ? rule.subnet.bits + 1 : 0;
}

}  // namespace

AccessTable::AccessTable(const std::vector<AccessRule>& rules) {
  for (const auto& rule : rules) add(rule);
}

void AccessTable::add(const AccessRule& rule) {
  std::erase_if(rules_, [&](const AccessRule& earlier) {
    return replaces(rule.subnet, earlier.subnet) || (rule.all && inside(earlier.subnet, rule.subnet));
  });
  rules_.insert(std::ranges::upper_bound(rules_, specificity(rule), std::ranges::greater{}, specificity),
                rule);
}

bool AccessTable::allows(const IpAddress& address) const {
  const auto rule =
      std::ranges::find_if(rules_, [&](const AccessRule& r) { return contains(r.subnet, address); });
  return rule != rules_.end() && rule->allow;
}

bool AccessTable::allows_any() const {
  return std::ranges::any_of(rules_, &AccessRule::allow);
}

}  // namespace gnomon::base
