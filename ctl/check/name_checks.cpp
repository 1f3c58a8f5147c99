// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/name_checks.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <map>
#include <memory>
#include <utility>

#include "base/address.hpp"

namespace gnomon::ctl {

namespace {

int number_of(base::AddressFamily family) {
  switch (family) {
    case base::AddressFamily::ipv4:
      return AF_INET;
    case base::AddressFamily::ipv6:
      return AF_INET6;
    case base::AddressFamily::unspecified:
      break;
  }
  return AF_UNSPEC;
}

}  // namespace

std::string look_up(const std::string& name, base::AddressFamily family) {
  addrinfo wanted{};
  wanted.ai_family = number_of(family);
  wanted.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(name.c_str(), nullptr, &wanted, &found);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner{found, freeaddrinfo};
  return error == 0 ? std::string{} : gai_strerror(error);
}

void check_names(const Configuration& configuration, const LookUp& look_up, Findings& findings) {
  std::map<std::pair<std::string, base::AddressFamily>, std::string> known;
  for (const auto& source : configuration.sources) {
    const auto& name = source.source.name;
    if (base::parse_address(name)) continue;
    const auto [entry, fresh] = known.try_emplace({name, source.source.family});
    if (fresh) entry->second = look_up(name, source.source.family);
    if (!entry->second.empty())
      findings.warning(source.place, name, fmt::format("{} has no address now: {}", name, entry->second),
                       "correct the name, or see why it cannot be looked up");
  }
}

}  // namespace gnomon::ctl
