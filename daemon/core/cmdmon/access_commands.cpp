// SPDX-License-Identifier: GPL-2.0-or-later
// The commands that concern who may ask us something.
#include <array>

#include "daemon/core/cmdmon/command.hpp"

namespace gnomon::core::cmdmon {

namespace {

using control::AccessList;

template <AccessList List, bool Allow, bool All>
wire::Reply change(const wire::Access& access, Services& services) {
  const auto& ip = access.address.ip;
  const int most_bits = ip.is_specified() ? base::address_bits(ip.family) : 0;
  if (access.address.id || access.bits < 0 || access.bits > most_bits)
    return failure(wire::Status::bad_subnet);
  const auto subnet =
      ip.is_specified() ? base::network_of(ip, static_cast<std::uint8_t>(access.bits)) : base::Subnet{};
  return apply_command(control::ChangeAccess{List, {.allow = Allow, .subnet = subnet, .all = All}}, services);
}

template <AccessList List>
wire::Reply check(const wire::Target& target, Services& services) {
  return failure(services.reporter.allows(List, target.address.ip) ? wire::Status::access_allowed
                                                                   : wire::Status::access_denied);
}

constexpr std::array access_table{
    Command{wire::Code::allow, with<wire::Access, change<AccessList::ntp, true, false>>},
    Command{wire::Code::allow_all, with<wire::Access, change<AccessList::ntp, true, true>>},
    Command{wire::Code::deny, with<wire::Access, change<AccessList::ntp, false, false>>},
    Command{wire::Code::deny_all, with<wire::Access, change<AccessList::ntp, false, true>>},
    Command{wire::Code::cmdallow, with<wire::Access, change<AccessList::commands, true, false>>},
    Command{wire::Code::cmdallow_all, with<wire::Access, change<AccessList::commands, true, true>>},
    Command{wire::Code::cmddeny, with<wire::Access, change<AccessList::commands, false, false>>},
    Command{wire::Code::cmddeny_all, with<wire::Access, change<AccessList::commands, false, true>>},
    Command{wire::Code::accheck, with<wire::Target, check<AccessList::ntp>>},
    Command{wire::Code::cmdaccheck, with<wire::Target, check<AccessList::commands>>},
};

}  // namespace

Commands access_commands() {
  return access_table;
}

}  // namespace gnomon::core::cmdmon
