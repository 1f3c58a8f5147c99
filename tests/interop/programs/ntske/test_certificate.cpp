// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/tls/certificate.hpp"

#include "helpers/ntske/tls/pem_file.hpp"
#include "tests/interop/programs/ntske/certificates.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::testing;

namespace {

ntske::Certificate for_names(std::vector<std::string> names) {
  ntske::Certificate certificate;
  certificate.dns_names = std::move(names);
  return certificate;
}

}  // namespace

TEST_CASE("a certificate is for its names in any letters, and by a wildcard for one label") {
  const auto certificate = for_names({"Time.Example", "*.pool.example"});
  for (const auto* name : {"time.example", "TIME.EXAMPLE", "a.pool.example", "B.Pool.example"})
    CHECK(ntske::is_for_name(certificate, name));
  for (const auto* name : {"", "example", "xtime.example", "a.time.example", "pool.example",
                           "a.b.pool.example", "*.time.example"})
    CHECK_FALSE(ntske::is_for_name(certificate, name));
  CHECK_FALSE(ntske::is_for_name(for_names({"*"}), "time"));
}

TEST_CASE("octets that are no certificate are none") {
  CHECK_FALSE(ntske::read_certificate({}));
  const base::Buffer octets(100, 0x30);
  CHECK_FALSE(ntske::read_certificate(octets));
  CHECK_FALSE(ntske::first_certificate(octets));
}

TEST_CASE("a certificate cut at any octet is none") {
  const TemporaryFolder folder;
  const auto pem = ntske::read_pem_file(Authority{folder}.issue("a", "DNS:a.example").certificate_file);
  REQUIRE(pem);
  REQUIRE(ntske::first_certificate(*pem));
  for (std::size_t size = 0; size + 30 < pem->size(); size += 7)
    CHECK_FALSE(ntske::first_certificate(base::Bytes{*pem}.first(size)));
}
