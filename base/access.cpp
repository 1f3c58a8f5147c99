// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/access.hpp"

#include <algorithm>

#include "base/ascii.hpp"

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

bool replaces(const Subnet& later, const Subnet& earlier) {
  return inside(earlier, later) && level(earlier) == level(later);
}

int specificity(const Subnet& subnet) {
  return subnet.address.is_specified() ? subnet.bits + 1 : 0;
}

}  // namespace

bool is_host_name(std::string_view text) {
  constexpr std::size_t longest = 253;
  constexpr std::string_view digits = "0123456789";
  if (text.ends_with('.')) text.remove_suffix(1);
  const auto last = text.substr(text.rfind('.') + 1);
  const bool is_number = last.find_first_not_of(digits) == last.npos;
  return text.size() <= longest && !is_number && !text.starts_with('.') && text.find("..") == text.npos &&
         std::ranges::all_of(text, [&](char c) {
           return (lower(c) >= 'a' && lower(c) <= 'z') || digits.contains(c) || c == '-' || c == '_' ||
                  c == '.';
         });
}

AccessTable::AccessTable(const std::vector<AccessRule>& rules) {
  for (const auto& rule : rules) add(rule);
}

void AccessTable::add(const AccessRule& rule) {
  const auto order = ++given_;
  if (!rule.host.empty()) {
    hosts_.push_back({.host = rule.host, .allow = rule.allow, .order = order});
    return;
  }
  if (rule.all) {
    std::erase_if(rules_, [&](const Rule& earlier) { return inside(earlier.subnet, rule.subnet); });
    if (!rule.subnet.address.is_specified()) hosts_.clear();
    // What is inside says nothing that this one does not.
    std::erase_if(forgettings_,
                  [&](const Forgetting& earlier) { return inside(earlier.subnet, rule.subnet); });
    if (!hosts_.empty()) forgettings_.push_back({.subnet = rule.subnet, .order = order});
  }
  insert({.subnet = rule.subnet, .allow = rule.allow, .order = order});
}

void AccessTable::insert(const Rule& rule) {
  if (is_overridden(rule)) return;
  std::erase_if(rules_, [&](const Rule& earlier) { return replaces(rule.subnet, earlier.subnet); });
  const auto length = [](const Rule& each) { return specificity(each.subnet); };
  rules_.insert(std::ranges::upper_bound(rules_, specificity(rule.subnet), std::ranges::greater{}, length),
                rule);
}

bool AccessTable::is_overridden(const Rule& rule) const {
  return std::ranges::any_of(rules_,
                             [&](const Rule& later) {
                               return later.order > rule.order && replaces(later.subnet, rule.subnet);
                             }) ||
         std::ranges::any_of(forgettings_, [&](const Forgetting& later) {
           return later.order > rule.order && inside(rule.subnet, later.subnet);
         });
}

void AccessTable::set_addresses(std::string_view host, std::span<const IpAddress> addresses) {
  for (const auto& rule : hosts_) {
    if (rule.host != host) continue;
    for (const auto& address : addresses)
      insert({.subnet = network_of(address, address_bits(address.family)),
              .allow = rule.allow,
              .order = rule.order});
  }
  std::erase_if(hosts_, [&](const OfHost& rule) { return rule.host == host; });
  if (hosts_.empty()) forgettings_.clear();
}

bool AccessTable::allows(const IpAddress& address) const {
  if (std::ranges::find(hosts_, false, &OfHost::allow) != hosts_.end()) return false;
  const auto rule = std::ranges::find_if(rules_, [&](const Rule& r) { return contains(r.subnet, address); });
  return rule != rules_.end() && rule->allow;
}

bool AccessTable::allows_any() const {
  return std::ranges::any_of(rules_, &Rule::allow) || std::ranges::any_of(hosts_, &OfHost::allow);
}

}  // namespace gnomon::base
