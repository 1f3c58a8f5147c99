// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/access.hpp"

#include <algorithm>

namespace gnomon::base {

namespace {

bool inside(const Subnet& inner, const Subnet& outer) {
  if (!outer.address.is_specified()) return true;
  return inner.address.is_specified() && inner.bits >= outer.bits && contains(outer, inner.address);
}

// chronyd keeps rules in a tree with four bits to a level: one whose prefix is between two levels is one for
// each subnet on the lower of them.
int level(const Subnet& subnet) {
  return subnet.address.is_specified() ? (subnet.bits + 3) / 4 : 0;
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
    return inside(earlier.subnet, rule.subnet) && (rule.all || level(earlier.subnet) == level(rule.subnet));
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
