// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/possible_server.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "daemon/core/engine/values/reference_id.hpp"

namespace gnomon::engine {

namespace {

bool is_ours(const base::IpAddress& address, const KeServer& from) {
  return address.is_loopback() || std::ranges::binary_search(from.own_addresses, reference_id_of(address));
}

}  // namespace

std::string remove_impossible(std::vector<base::IpAddress>& addresses) {
  std::string removed;
  std::erase_if(addresses, [&](const base::IpAddress& address) {
    const auto why = why_impossible(address);
    if (!why.empty())
      removed += fmt::format("{}{}, {}", removed.empty() ? "" : "; ", to_string(address), why);
    return !why.empty();
  });
  return removed;
}

std::string_view why_refused(std::uint16_t port, const KeServer& from) {
  return config::why_refused(port, from.usual_port);
}

std::string_view why_refused(const base::Endpoint& ntp, const KeServer& from) {
  if (const auto why = why_impossible(ntp.address); !why.empty()) return why;
  if (is_ours(ntp.address, from) && !is_ours(from.address, from))
    return "it is this machine's own, and the NTS-KE server is another machine";
  return why_refused(ntp.port, from);
}

}  // namespace gnomon::engine
