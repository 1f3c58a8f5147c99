// SPDX-License-Identifier: GPL-2.0-or-later
#include "async/endpoints.hpp"

#include <algorithm>

namespace gnomon::async {

base::Endpoint from_asio(const asio::ip::tcp::endpoint& endpoint) {
  const auto address = endpoint.address();
  if (address.is_v4()) return {base::from_octets(address.to_v4().to_bytes()), endpoint.port()};
  const auto v6 = address.to_v6();
  return {base::from_octets(v6.to_bytes(), static_cast<std::uint32_t>(v6.scope_id())), endpoint.port()};
}

asio::ip::tcp::endpoint to_asio(const base::Endpoint& endpoint) {
  const auto octets = endpoint.address.bytes();
  if (endpoint.address.family == base::AddressFamily::ipv4) {
    asio::ip::address_v4::bytes_type v4{};
    std::ranges::copy(octets, v4.begin());
    return {asio::ip::address_v4(v4), endpoint.port};
  }
  asio::ip::address_v6::bytes_type v6{};
  std::ranges::copy(octets, v6.begin());
  return {asio::ip::address_v6(v6, endpoint.address.scope), endpoint.port};
}

}  // namespace gnomon::async
