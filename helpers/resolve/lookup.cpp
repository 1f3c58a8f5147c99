// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/resolve/lookup.hpp"

#include <netdb.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/os/socket.hpp"

namespace gnomon::resolve {

namespace {

struct FreeList {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, FreeList>;

int native_family(base::AddressFamily family) {
  switch (family) {
    case base::AddressFamily::ipv4:
      return AF_INET;
    case base::AddressFamily::ipv6:
      return AF_INET6;
    case base::AddressFamily::unspecified:
      return AF_UNSPEC;
  }
  return AF_UNSPEC;
}

ipc::ResolveError error_of(int result) {
  if (result == EAI_NONAME || result == EAI_NODATA || result == EAI_ADDRFAMILY)
    return ipc::ResolveError::not_found;
  return result == EAI_AGAIN ? ipc::ResolveError::try_again : ipc::ResolveError::failed;
}

base::IpAddress address_of(const addrinfo& entry) {
  base::SocketAddress address;
  std::memcpy(&address.storage, entry.ai_addr,
              std::min<std::size_t>(entry.ai_addrlen, sizeof address.storage));
  return base::to_endpoint(address).address;
}

}  // namespace

std::expected<ipc::Resolved, ipc::ResolveError> look_up(const ipc::Resolve& request) {
  addrinfo hints{};  // no AI_ADDRCONFIG: the core knows which families it can use, and when
  hints.ai_family = native_family(request.family);
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* first = nullptr;
  const int result = getaddrinfo(request.name.c_str(), nullptr, &hints, &first);
  if (result != 0) return std::unexpected(error_of(result));
  const AddressList list{first};
  ipc::Resolved resolved;
  auto& found = resolved.addresses;
  for (const addrinfo* entry = first; entry != nullptr; entry = entry->ai_next) {
    const auto address = address_of(*entry);
    const bool fits = request.family == base::AddressFamily::unspecified || address.family == request.family;
    if (address.is_specified() && fits && found.size() < ipc::max_resolved_addresses &&
        std::ranges::find(found, address) == found.end())
      found.push_back(address);
  }
  if (found.empty()) return std::unexpected(ipc::ResolveError::not_found);
  return resolved;
}

}  // namespace gnomon::resolve
