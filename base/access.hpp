// SPDX-License-Identifier: GPL-2.0-or-later
// allow and deny as chrony means them: the rule with the longest prefix decides; without one, deny. A host
// name takes part once its addresses are known.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"

namespace gnomon::base {

struct AccessRule {
  bool allow = false;
  Subnet subnet;       // family unspecified: all addresses of both families
  bool all = false;    // `allow all`, `deny all`: forget the more specific rules inside this subnet
  std::string host{};  // not empty: this host in place of `subnet`, whose addresses are not known yet
  friend bool operator==(const AccessRule&, const AccessRule&) = default;
};

// What a host name may be: letters, digits, hyphens and underscores between dots, at most 253 characters, and
// no number at the end, as in an address.
[[nodiscard]] bool is_host_name(std::string_view text);

// A table made from the rules in the order they were given; a later rule for the same subnet replaces an
// earlier one. A host that is to be allowed has no access until its addresses are known; while it is not
// known whom a `deny` means, nobody has. Lookup allocates nothing.
class AccessTable {
 public:
  AccessTable() = default;
  explicit AccessTable(const std::vector<AccessRule>& rules);
  // As if it had been given last.
  void add(const AccessRule& rule);
  // The rules for that host are rules for these addresses, as if they had been given in its place.
  void set_addresses(std::string_view host, std::span<const IpAddress> addresses);
  [[nodiscard]] bool allows(const IpAddress& address) const;
  // Whether any address at all is allowed, or will be when hosts are known.
  [[nodiscard]] bool allows_any() const;

 private:
  using Order = std::uint64_t;  // in which rules were given
  struct Rule {
    Subnet subnet;
    bool allow = false;
    Order order = 0;
  };
  struct OfHost {
    std::string host;
    bool allow = false;
    Order order = 0;
  };
  struct Forgetting {  // of the rules inside that had been given before
    Subnet subnet;
    Order order = 0;
  };
  void insert(const Rule& rule);
  [[nodiscard]] bool is_overridden(const Rule& rule) const;

  std::vector<Rule> rules_;  // longest prefix first
  std::vector<OfHost> hosts_;
  std::vector<Forgetting> forgettings_;  // since a rule for a host was given that is not known
  Order given_ = 0;
};

}  // namespace gnomon::base
