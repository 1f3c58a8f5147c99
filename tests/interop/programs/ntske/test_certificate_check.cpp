// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/server/certificate_check.hpp"

#include "tests/interop/programs/ntske/certificates.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using testing::Authority;
using testing::system_time;
using testing::TemporaryFolder;

namespace {

ntske::TrustStore trust_in(const Authority& authority) {
  ipc::KeClientSetup setup{.system_certificates = false, .trusted = {{0, authority.certificate_file()}}};
  std::vector<std::string> warnings;
  return ntske::TrustStore::load(setup, warnings);
}

}  // namespace

TEST_CASE("a pair that the server can use is described, and clients that know the authority accept it") {
  const TemporaryFolder folder;
  const ntske::TlsLibrary library;
  const Authority authority{folder};
  const auto names = GENERATE("DNS:time.example,IP:192.0.2.1", "DNS:*.time.example", "IP:192.0.2.1");
  const auto report = ntske::check_pair(authority.issue("server", names), trust_in(authority), system_time());
  CHECK(report.contains(std::string{names}.starts_with("DNS:*") ? "name *.time.example\n"
                                                                : "name 192.0.2.1\n"));
  CHECK(report.contains("\nvalid 1"));
  CHECK_FALSE(report.contains("distrusted"));
  CHECK_FALSE(report.contains("fault"));
}

TEST_CASE("clients that do not know the authority reject it") {
  const TemporaryFolder folder;
  const ntske::TlsLibrary library;
  const Authority ours{folder};
  const Authority theirs{folder, "another"};
  const auto pair = ours.issue("server", "DNS:time.example");
  CHECK(ntske::check_pair(pair, trust_in(theirs), system_time())
            .contains("distrusted issued by an authority that is not trusted\n"));
  CHECK(ntske::check_pair(pair, ntske::TrustStore{}, system_time())
            .contains("distrusted there is no trusted certificate to check it with\n"));
}

TEST_CASE("dates are told apart from trust") {
  const TemporaryFolder folder;
  const ntske::TlsLibrary library;
  const Authority authority{folder};
  const auto pair = authority.issue("server", "DNS:time.example");
  const auto later = system_time() + std::chrono::days{100};
  CHECK_FALSE(ntske::check_pair(pair, trust_in(authority), later).contains("distrusted"));
}

TEST_CASE("what the server could not use is a fault of the file that is to blame") {
  const TemporaryFolder folder;
  const ntske::TlsLibrary library;
  const Authority authority{folder};
  const auto one = authority.issue("one", "DNS:one.example");
  const auto two = authority.issue("two", "DNS:two.example");
  const auto trust = trust_in(authority);
  CHECK(ntske::check_pair({one.certificate_file, two.key_file}, trust, system_time())
            .starts_with("key-fault the private key in " + two.key_file + " does not belong to"));
  CHECK(ntske::check_pair({one.key_file, one.key_file}, trust, system_time())
            .starts_with("certificate-fault " + one.key_file + " holds no usable certificate chain"));
}
