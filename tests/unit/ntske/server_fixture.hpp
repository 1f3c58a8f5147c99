// SPDX-License-Identifier: GPL-2.0-or-later
// A server role alone, for clients of every kind; and the octets they send.
#pragma once

#include <string>
#include <vector>

#include "tests/unit/ntske/certificates.hpp"
#include "tests/unit/ntske/role_process.hpp"
#include "tests/unit/ntske/tls_peer.hpp"

namespace gnomon::test {

// RFC 8915: the smallest good request, NTPv4 with AEAD 15.
inline const base::Buffer good_request{0x80, 1, 0, 2, 0, 0, 0x80, 4, 0, 2, 0, 15, 0x80, 0, 0, 0};

// One Error record with this code, End of Message.
[[nodiscard]] inline base::Buffer error_message(std::uint8_t code) {
  return {0x80, 2, 0, 2, 0, code, 0x80, 0, 0, 0};
}

struct ServerAlone {
  TemporaryFolder folder;
  Authority authority{folder};
  ipc::CertificatePair certificate = authority.issue("server", "DNS:time.example,IP:127.0.0.1");
  Listener listener = listen_on_loopback();
  RoleProcess server;

  explicit ServerAlone(ipc::KeServerSetup setup = server_setup({}))
      : server(words_of(with_certificate(std::move(setup))), {listener.fd.get()}) {}

  [[nodiscard]] ipc::KeServerSetup with_certificate(ipc::KeServerSetup setup) const {
    setup.certificates = {certificate};
    return setup;
  }
  [[nodiscard]] TlsPeer connect(const std::string& alpn = "ntske/1") const {
    return TlsPeer::connect(listener.endpoint, alpn);
  }
  [[nodiscard]] ipc::SessionEnd ended() { return server.receive<ipc::SessionEnded>().first.how; }
  // Answers the one order for cookies that is due.
  ipc::SealCookies seal() {
    auto [order, id] = server.receive<ipc::SealCookies>();
    server.send(ipc::SealedCookies{{base::Buffer(100, 0xcc)}}, id);
    return std::move(order);
  }
};

}  // namespace gnomon::test
