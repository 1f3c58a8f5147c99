// SPDX-License-Identifier: GPL-2.0-or-later
// A server role alone, for clients of every kind; and the octets they send.
#pragma once

#include <string>
#include <vector>

#include "tests/interop/programs/ntske/certificates.hpp"
#include "tests/interop/programs/ntske/role_process.hpp"
#include "tests/interop/programs/ntske/tls_peer.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

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
  ipc::CertificateFacts facts;  // the first it said

  explicit ServerAlone(ipc::KeServerSetup setup = server_setup({}))
      : server(words_of(with_certificate(std::move(setup))), {listener.fd.get()}),
        facts(server.receive<ipc::CertificateFacts>().first) {}

  [[nodiscard]] ipc::KeServerSetup with_certificate(ipc::KeServerSetup setup) const {
    setup.certificates = {certificate};
    return setup;
  }
  [[nodiscard]] TlsPeer connect(const std::string& alpn = "ntske/1") const {
    return TlsPeer::connect(listener.endpoint, alpn);
  }
  // How the next session ended, of which the role tells many at a time.
  [[nodiscard]] ipc::EndedSessions ended_session() {
    while (ended_.empty()) ended_ = server.receive<ipc::SessionsEnded>().first.sessions;
    auto first = ended_.front();
    if (--ended_.front().count == 0) ended_.erase(ended_.begin());
    return first;
  }
  [[nodiscard]] ipc::SessionEnd ended() { return ended_session().how; }
  // Answers the one order for cookies that is due.
  ipc::SealCookies seal() {
    auto [order, id] = next_order();
    server.send(ipc::SealedCookies{{base::Buffer(100, 0xcc)}}, id);
    return std::move(order);
  }

 private:
  // What is told of ended sessions before it is kept for ended_session().
  std::pair<ipc::SealCookies, std::uint32_t> next_order() {
    for (;;) {
      const auto datagram = server.receive_octets();
      const auto frame = ipc::parse_frame(datagram);
      REQUIRE(frame);
      if (auto order = ipc::decode<ipc::SealCookies>(*frame)) return {std::move(*order), frame->request_id};
      const auto told = ipc::decode<ipc::SessionsEnded>(*frame);
      REQUIRE(told);
      ended_.insert(ended_.end(), told->sessions.begin(), told->sessions.end());
    }
  }

  std::vector<ipc::EndedSessions> ended_;
};

// The client of a good session, done until the answer is read.
inline void expect_service(ServerAlone& alone) {
  auto client = alone.connect();
  REQUIRE(client.shaken());
  client.say(good_request);
  static_cast<void>(alone.seal());
  const auto answer = client.listen();
  CHECK(answer.size() == 6 + 6 + 104 + 4);
  CHECK(client.saw_close_notify());
  client.close();
  // Others may be over by then.
  for (;;)
    if (alone.ended() == ipc::SessionEnd::served) return;
}

}  // namespace gnomon::testing
