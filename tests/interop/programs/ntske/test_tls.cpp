// SPDX-License-Identifier: GPL-2.0-or-later
// What sessions of a server have in common: how they are seeded, which cipher suites they take.
#include "helpers/ntske/tls/tls.hpp"

#include <sys/resource.h>

#include <string>

#include "tests/interop/programs/ntske/server_fixture.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::testing;

namespace {

constexpr int aes_128_gcm = 0x1301;
constexpr int aes_256_gcm = 0x1302;
constexpr int chacha20_poly1305 = 0x1303;

// What it makes while no file can be opened.
template <class Make>
auto without_descriptors(const Make& make) {
  rlimit before{};
  const bool is_known = getrlimit(RLIMIT_NOFILE, &before) == 0;
  auto none = before;
  none.rlim_cur = 0;
  const bool is_limited = setrlimit(RLIMIT_NOFILE, &none) == 0;
  auto made = make();
  setrlimit(RLIMIT_NOFILE, &before);
  // Only now: what checks, checked itself, looks at memory through a pipe.
  REQUIRE(is_known);
  REQUIRE(is_limited);
  return made;
}

// RFC 8446 appendix B.4; 0: none.
int suite_with(const std::string& offered) {
  const ServerAlone alone;
  auto client = TlsPeer::connect(alone.listener.endpoint, "ntske/1", {}, offered);
  return client.shaken() ? wolfSSL_get_current_cipher_suite(&client.session()) : 0;
}

}  // namespace

TEST_CASE("a server's session is seeded without a file") {
  const ntske::TlsLibrary library;
  const auto context = ntske::make_context(ntske::TlsSide::server);
  REQUIRE(context);
  CHECK(without_descriptors([&] { return ntske::make_session(*context); }));
}

TEST_CASE("a server prefers ChaCha20 and takes what the client has") {
  CHECK(suite_with("") == chacha20_poly1305);
  CHECK(suite_with("TLS13-AES256-GCM-SHA384:TLS13-CHACHA20-POLY1305-SHA256") == chacha20_poly1305);
  CHECK(suite_with("TLS13-AES128-GCM-SHA256") == aes_128_gcm);
  CHECK(suite_with("TLS13-AES256-GCM-SHA384") == aes_256_gcm);
}
