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

// As long as it lives no file can be opened.
class NoDescriptors {
 public:
  NoDescriptors() {
    REQUIRE(getrlimit(RLIMIT_NOFILE, &before_) == 0);
    auto none = before_;
    none.rlim_cur = 0;
    REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

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
  const NoDescriptors none;
  CHECK(ntske::make_session(*context));
}

TEST_CASE("a server prefers ChaCha20 and takes what the client has") {
  CHECK(suite_with("") == chacha20_poly1305);
  CHECK(suite_with("TLS13-AES256-GCM-SHA384:TLS13-CHACHA20-POLY1305-SHA256") == chacha20_poly1305);
  CHECK(suite_with("TLS13-AES128-GCM-SHA256") == aes_128_gcm);
  CHECK(suite_with("TLS13-AES256-GCM-SHA384") == aes_256_gcm);
}
