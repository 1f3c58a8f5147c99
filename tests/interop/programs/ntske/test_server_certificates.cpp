// SPDX-License-Identifier: GPL-2.0-or-later
// Which certificates the server role takes, what it tells of them and to whom it shows them; and how it
// leaves when another has its place.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <string>

#include "base/os/file.hpp"
#include "tests/interop/programs/ntske/server_fixture.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::testing;
using ipc::SessionEnd;

namespace {

int status_of_server_with(const ipc::CertificatePair& pair, std::string& said, bool replaces = false) {
  const auto listener = listen_on_loopback();
  auto setup = server_setup({pair});
  setup.replaces = replaces;
  RoleProcess server{words_of(setup), {listener.fd.get()}};
  const int status = server.wait();
  said = server.said();
  return status;
}

// By openssl.
std::array<std::uint8_t, 32> digest_of(const std::string& certificate, const std::string& into) {
  const auto command =
      "openssl x509 -in " + certificate + " -outform DER | openssl dgst -sha256 -binary -out " + into;
  REQUIRE(std::system(command.c_str()) == 0);
  const auto octets = base::read_file(into);
  REQUIRE(octets.value().size() == 32);
  std::array<std::uint8_t, 32> digest{};
  std::ranges::copy(*octets, digest.begin());
  return digest;
}

struct KindOfKey {
  const char* openssl;
  ipc::KeyKind kind;
  std::uint16_t bits;
};

}  // namespace

TEST_CASE("the pair whose certificate is for the wanted name is shown, the first one otherwise") {
  const TemporaryFolder folder;
  const Authority authority{folder};
  const auto listener = listen_on_loopback();
  RoleProcess server{words_of(server_setup({authority.issue("first", "DNS:first.example"),
                                            authority.issue("second", "DNS:second.example,DNS:also.example",
                                                            "RSA -pkeyopt rsa_keygen_bits:2048")})),
                     {listener.fd.get()}};
  const auto names = [&](const std::string& wanted) {
    auto client = TlsPeer::connect(listener.endpoint, "ntske/1", wanted);
    REQUIRE(client.shaken());
    return client.peer_names();
  };
  CHECK(names("") == "first.example");
  CHECK(names("first.example") == "first.example");
  CHECK(names("second.example").find("second.example") != std::string::npos);
  CHECK(names("also.example").find("second.example") != std::string::npos);
  CHECK(names("unknown.example") == "first.example");
}

TEST_CASE("certificates and keys that are no use end the role with status 3 and say what to do") {
  const TemporaryFolder folder;
  const Authority authority{folder};
  const auto good = authority.issue("good", "DNS:time.example");
  const auto other = authority.issue("other", "DNS:time.example");
  std::ofstream{folder / "text"} << "this is no PEM\n";
  std::string said;
  CHECK(status_of_server_with({folder / "missing", good.key_file}, said) == 3);
  CHECK(said.find(folder / "missing" + ": No such file or directory. Check ntsservercert") !=
        std::string::npos);
  CHECK(status_of_server_with({folder / "text", good.key_file}, said) == 3);
  CHECK(said.find("holds no usable certificate chain") != std::string::npos);
  CHECK(status_of_server_with({good.certificate_file, folder / "text"}, said) == 3);
  CHECK(said.find("holds no usable private key") != std::string::npos);
  CHECK(status_of_server_with({good.certificate_file, other.key_file}, said) == 3);
  CHECK(said.find("does not belong to the certificate") != std::string::npos);
  CHECK(status_of_server_with({folder.path(), good.key_file}, said) == 3);
  CHECK(said.find("it is a directory, not a file") != std::string::npos);
}

TEST_CASE("a key of a kind that is not supported is called so") {
  const auto [openssl, reason] =
      GENERATE(std::pair{"RSA-PSS -pkeyopt rsa_keygen_bits:2048", "it is an RSA-PSS key"},
               std::pair{"EC -pkeyopt ec_paramgen_curve:secp256k1", "curve secp256k1"});
  INFO(openssl);
  const TemporaryFolder folder;
  const Authority authority{folder};
  const auto pair = authority.issue("server", "DNS:time.example", openssl);
  std::string said;
  CHECK(status_of_server_with({pair.certificate_file, pair.key_file}, said) == 3);
  CHECK(said.find(reason) != std::string::npos);
}

TEST_CASE("a server that replaces another says which goes on when it cannot start") {
  const TemporaryFolder folder;
  const auto good = Authority{folder}.issue("good", "DNS:time.example");
  std::string said;
  CHECK(status_of_server_with({folder / "missing", good.key_file}, said, true) == 3);
  CHECK(said.find("the previous ones stay in use: cannot read " + folder / "missing") != std::string::npos);
}

TEST_CASE("certificates with keys of every kind are served and told to the core") {
  const auto key = GENERATE(KindOfKey{"EC -pkeyopt ec_paramgen_curve:P-256", ipc::KeyKind::ecdsa, 256},
                            KindOfKey{"EC -pkeyopt ec_paramgen_curve:P-384", ipc::KeyKind::ecdsa, 384},
                            KindOfKey{"EC -pkeyopt ec_paramgen_curve:P-521", ipc::KeyKind::ecdsa, 521},
                            KindOfKey{"RSA -pkeyopt rsa_keygen_bits:3072", ipc::KeyKind::rsa, 3072},
                            KindOfKey{"ED25519", ipc::KeyKind::ed25519, 256});
  INFO(key.openssl);
  const TemporaryFolder folder;
  const Authority authority{folder};
  const auto listener = listen_on_loopback();
  RoleProcess server{words_of(server_setup({authority.issue("server", "DNS:time.example", key.openssl)})),
                     {listener.fd.get()}};
  const auto facts = server.receive<ipc::CertificateFacts>().first;
  CHECK(facts.key == key.kind);
  CHECK(facts.key_bits == key.bits);
  CHECK(TlsPeer::connect(listener.endpoint).shaken());
}

TEST_CASE("the facts of each pair are the first the core hears") {
  const TemporaryFolder folder;
  const Authority authority{folder};
  const auto listener = listen_on_loopback();
  const auto first =
      authority.issue("first", "DNS:first.example,DNS:*.first.example,IP:192.0.2.1,IP:2001:db8:0:0:0:0:0:1");
  RoleProcess server{
      words_of(server_setup({first, authority.issue("second", "email:who@second.example",
                                                    "EC -pkeyopt ec_paramgen_curve:P-256", 5)})),
      {listener.fd.get()}};
  const auto facts = server.receive<ipc::CertificateFacts>().first;
  CHECK(facts.pair == 0);
  CHECK(facts.subject == "/CN=first");
  CHECK(facts.names ==
        std::vector<std::string>{"first.example", "*.first.example", "192.0.2.1", "2001:db8::1"});
  CHECK(facts.further_names == 0);
  CHECK(facts.not_after - facts.not_before == std::chrono::days{90});
  CHECK(facts.not_after > system_time() + std::chrono::days{89});
  CHECK(facts.fingerprint == digest_of(first.certificate_file, folder / "digest"));
  const auto second = server.receive<ipc::CertificateFacts>().first;
  CHECK(second.pair == 1);
  CHECK(second.names.empty());
  CHECK(second.fingerprint != facts.fingerprint);
}

TEST_CASE("names that find no place are counted") {
  const TemporaryFolder folder;
  std::string names = "DNS:a0.example";
  for (int i = 1; i < 40; ++i) names += ",DNS:a" + std::to_string(i) + ".example";
  const auto listener = listen_on_loopback();
  RoleProcess server{words_of(server_setup({Authority{folder}.issue("many", names)})), {listener.fd.get()}};
  const auto facts = server.receive<ipc::CertificateFacts>().first;
  CHECK(facts.names.size() == ipc::CertificateFacts::most_names);
  CHECK(facts.further_names == 40 - ipc::CertificateFacts::most_names);
}

TEST_CASE("a retired server accepts nobody, ends the session it has and leaves") {
  ServerAlone alone;
  auto client = alone.connect();
  REQUIRE(client.shaken());
  alone.server.send(ipc::Retire{}, 0);
  client.say(good_request);
  static_cast<void>(alone.seal());
  CHECK(client.listen().size() == 6 + 6 + 104 + 4);
  client.close();
  CHECK(alone.ended() == SessionEnd::served);
  CHECK(alone.server.wait() == 0);
}

TEST_CASE("a retired server without a session leaves at once") {
  ServerAlone alone;
  alone.server.send(ipc::Retire{}, 0);
  alone.server.send(ipc::Retire{}, 0);
  CHECK(alone.server.wait() == 0);
}
