// SPDX-License-Identifier: GPL-2.0-or-later
#include "async/endpoints.hpp"

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

TEST_CASE("an address, its scope and its port are the same to Asio and back") {
  const std::string text = GENERATE("192.0.2.1", "2001:db8::1", "fe80::1");
  auto address = base::parse_address(text).value();
  if (text.starts_with("fe80")) address.scope = 7;
  const auto endpoint = async::to_asio({address, 4460});
  CHECK(endpoint.address().to_string().starts_with(text));
  CHECK(endpoint.port() == 4460);
  CHECK(async::from_asio(endpoint) == base::Endpoint{address, 4460});
}

}  // namespace gnomon::testing
