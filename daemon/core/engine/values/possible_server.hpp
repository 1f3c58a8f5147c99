// SPDX-License-Identifier: GPL-2.0-or-later
// Which addresses and ports can be an NTP server's, when others than the operator tell them: name servers,
// and NTS-KE servers, which choose the octets that are sent there as well.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/units.hpp"
#include "config/network.hpp"

namespace gnomon::engine {

using config::why_impossible;
// Takes the others out. Which they were and why: a clause, empty if there were none.
[[nodiscard]] std::string remove_impossible(std::vector<base::IpAddress>& addresses);

struct KeServer {
  base::IpAddress address;
  std::uint16_t usual_port = 123;                      // of NTP, for this source
  std::span<const base::ReferenceId> own_addresses{};  // of this machine, those of loopback left out; sorted
};
// Why requests do not go where this NTS-KE server says: a clause. Empty: they do.
[[nodiscard]] std::string_view why_refused(const base::Endpoint& ntp, const KeServer& from);
[[nodiscard]] std::string_view why_refused(std::uint16_t port, const KeServer& from);

}  // namespace gnomon::engine
