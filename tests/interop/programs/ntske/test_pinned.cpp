// SPDX-License-Identifier: GPL-2.0-or-later
// Servers whose very certificate is trusted (ntstrustedcerts), in whole handshakes.
#include <chrono>

#include "helpers/ntske/tls/pem_file.hpp"
#include "helpers/ntske/tls/trial_handshake.hpp"
#include "helpers/ntske/tls/trust_store.hpp"
#include "tests/interop/programs/ntske/certificates.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::testing;
using protocol::DateCheck;
using protocol::KeFailureReason;

namespace {

ntske::TlsContext server_of(const std::string& certificate_file, const std::string& key_file) {
  auto context = ntske::make_context(ntske::TlsSide::server);
  const auto chain = ntske::read_pem_file(certificate_file);
  const auto key = ntske::read_pem_file(key_file);
  REQUIRE((chain && key));
  REQUIRE(wolfSSL_CTX_use_certificate_chain_buffer(context.get(), chain->data(),
                                                   static_cast<long>(chain->size())) == WOLFSSL_SUCCESS);
  REQUIRE(wolfSSL_CTX_use_PrivateKey_buffer(context.get(), key->data(), static_cast<long>(key->size()),
                                            WOLFSSL_FILETYPE_PEM) == WOLFSSL_SUCCESS);
  return context;
}

struct Client {
  std::vector<std::string> trusted;
  std::string name = "time.example";
  base::RealTime now = system_time();
  DateCheck dates = DateCheck::strict;
};

// nullopt: the handshake succeeds.
std::optional<KeFailureReason> failure(const ntske::TlsContext& server, const Client& client) {
  ipc::KeClientSetup setup{.system_certificates = false, .trusted = {}};
  for (const auto& file : client.trusted) setup.trusted.push_back({0, file});
  std::vector<std::string> warnings;
  const auto trust = ntske::TrustStore::load(setup, warnings);
  CHECK(warnings.empty());
  const auto context = trust.make_context(0, client.now, client.dates);
  if (!context) return KeFailureReason::certificate_untrusted;
  ntske::PeerCheck check{client.name, client.now, client.dates};
  check.trust(trust.pinned(0));
  const auto failure = ntske::checked_handshake(*server, *context, check);
  return failure ? std::optional{failure->reason} : std::nullopt;
}

}  // namespace

TEST_CASE("a server's own certificate needs no authority where it is trusted itself") {
  const TemporaryFolder folder;
  const ntske::TlsLibrary library;
  const auto* const key =
      GENERATE("EC -pkeyopt ec_paramgen_curve:P-256", "ED25519", "RSA -pkeyopt rsa_keygen_bits:2048");
  const auto ours = self_signed(folder, "ours", "DNS:time.example,IP:192.0.2.1,IP:2001:db8::1", key);
  const auto server = server_of(ours.certificate_file, ours.key_file);
  CHECK_FALSE(failure(server, {.trusted = {ours.certificate_file}}));
  for (const auto* const name : {"192.0.2.1", "2001:db8::1", "TIME.example."})
    CHECK_FALSE(failure(server, {.trusted = {ours.certificate_file}, .name = name}));
  const auto theirs = self_signed(folder, "theirs", "DNS:time.example", key);
  CHECK_FALSE(failure(server, {.trusted = {theirs.certificate_file, ours.certificate_file}}));
  CHECK(failure(server, {.trusted = {theirs.certificate_file}}) == KeFailureReason::certificate_untrusted);
}

TEST_CASE("so does one of an authority that is not known, whatever comes with it") {
  const TemporaryFolder folder;
  const ntske::TlsLibrary library;
  const Authority authority{folder};
  const auto ours = authority.issue("ours", "DNS:time.example");
  const auto alone = server_of(ours.certificate_file, ours.key_file);
  CHECK_FALSE(failure(alone, {.trusted = {ours.certificate_file}}));
  const auto chain = folder / "chain.pem";
  REQUIRE(std::system(("cat " + ours.certificate_file + " " + authority.certificate_file() + " > " + chain)
                          .c_str()) == 0);  // NOLINT: our own words only
  const auto whole = server_of(chain, ours.key_file);
  CHECK_FALSE(failure(whole, {.trusted = {ours.certificate_file}}));
  // Its authority vouches for others; it does not.
  const auto other = authority.issue("other", "DNS:time.example");
  CHECK(failure(server_of(other.certificate_file, other.key_file), {.trusted = {ours.certificate_file}}) ==
        KeFailureReason::certificate_untrusted);
}

TEST_CASE("its name is checked") {
  const TemporaryFolder folder;
  const ntske::TlsLibrary library;
  const auto ours = self_signed(folder, "ours", "DNS:*.example");
  const auto server = server_of(ours.certificate_file, ours.key_file);
  CHECK_FALSE(failure(server, {.trusted = {ours.certificate_file}}));
  for (const auto* const name : {"example", "a.time.example", "time.test", "192.0.2.1", "ours"})
    CHECK(failure(server, {.trusted = {ours.certificate_file}, .name = name}) ==
          KeFailureReason::certificate_wrong_name);
}

TEST_CASE("its dates are checked as far as they are asked for") {
  const TemporaryFolder folder;
  const ntske::TlsLibrary library;
  const auto ours = self_signed(folder, "ours", "DNS:time.example");
  const auto server = server_of(ours.certificate_file, ours.key_file);
  const auto early = system_time() - std::chrono::days{1};
  const auto late = system_time() + std::chrono::days{91};
  const auto at = [&](base::RealTime now, DateCheck dates) {
    return failure(server, {.trusted = {ours.certificate_file}, .now = now, .dates = dates});
  };
  CHECK(at(early, DateCheck::strict) == KeFailureReason::certificate_not_yet_valid);
  CHECK(at(late, DateCheck::strict) == KeFailureReason::certificate_expired);
  CHECK_FALSE(at(early, DateCheck::forgive_early));
  CHECK(at(late, DateCheck::forgive_early) == KeFailureReason::certificate_expired);
  CHECK_FALSE(at(early, DateCheck::ignore));
  CHECK_FALSE(at(late, DateCheck::ignore));
}

TEST_CASE("whoever shows it without its key is refused, and its key makes no authority") {
  const TemporaryFolder folder;
  const ntske::TlsLibrary library;
  const auto ours = self_signed(folder, "ours", "DNS:time.example");
  const auto theirs = self_signed(folder, "theirs", "DNS:time.example");
  CHECK(failure(server_of(ours.certificate_file, theirs.key_file), {.trusted = {ours.certificate_file}}));
  const auto request = folder / "forged.csr";
  const auto forged = folder / "forged.crt";
  REQUIRE(std::system(("openssl req -new -key " + theirs.key_file + " -subj /CN=forged -addext " +
                       "subjectAltName=DNS:time.example -out " + request + " && openssl x509 -req -in " +
                       request + " -CA " + ours.certificate_file + " -CAkey " + ours.key_file +
                       " -CAcreateserial -copy_extensions copy -out " + forged + " 2>/dev/null")
                          .c_str()) == 0);  // NOLINT: our own words only
  CHECK(failure(server_of(forged, theirs.key_file), {.trusted = {ours.certificate_file}}) ==
        KeFailureReason::certificate_untrusted);
}
