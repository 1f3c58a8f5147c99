// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/keys/ke_server_link.hpp"

#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using testing::FarEnd;
using testing::Loop;
using testing::read_as;
using testing::RememberingLog;

namespace {

protocol::KeySet test_keys() {
  base::Buffer entropy(128);
  for (std::size_t i = 0; i < entropy.size(); ++i) entropy[i] = static_cast<std::uint8_t>(i * 7);
  return protocol::make_key_set(entropy);
}

ipc::SealCookies order(std::uint8_t count) {
  ipc::SealCookies order;
  order.client = {*base::parse_address("192.0.2.1"), 50000};
  order.keys = {protocol::AeadId::aes_siv_cmac_256, base::Secret{base::Buffer(32, 1)},
                base::Secret{base::Buffer(32, 2)}};
  order.count = count;
  return order;
}

struct Fixture {
  Loop loop;
  RememberingLog log;
  protocol::KeySet keys = test_keys();
  std::vector<ipc::CertificateFacts> certificates;
  std::vector<ipc::EndedSessions> sessions;
  core::KeServerLink link;
  FarEnd role;

  explicit Fixture(base::Duration longest_leave = std::chrono::minutes{1})
      : link{loop.tasks,
             log,
             {.on_certificate =
                  [this](const ipc::CertificateFacts& facts) {
                    if (facts.pair > 0) return false;
                    certificates.push_back(facts);
                    return true;
                  },
              .on_sessions = [this](const ipc::EndedSessions& ended) { sessions.push_back(ended); }},
             longest_leave} {
    link.set_keys(std::span{&keys, 1});
    link.connect(0, role.take_near());
    loop.run_ready();
  }
  ~Fixture() { loop.drain(); }
};

}  // namespace

TEST_CASE("sealed cookies open under the master key and hold the session's keys") {
  Fixture f;
  f.role.send(order(8), 5);
  f.loop.run_ready();
  const auto sealed = read_as<ipc::SealedCookies>(f.role.receive());
  CHECK(sealed.id == 5);
  REQUIRE(sealed.message.cookies.size() == 8);
  const protocol::CookieSealer opener{f.keys};
  for (const auto& cookie : sealed.message.cookies) {
    const auto opened = opener.open(cookie);
    REQUIRE(opened);
    CHECK(opened->c2s == base::Secret{base::Buffer(32, 1)});
    CHECK(opened->s2c == base::Secret{base::Buffer(32, 2)});
  }
  CHECK(sealed.message.cookies[0] != sealed.message.cookies[1]);
}

TEST_CASE("sessions are counted by how they ended") {
  Fixture f;
  const base::Endpoint client{*base::parse_address("192.0.2.1"), 1};
  f.role.send(
      ipc::SessionsEnded{{{client, ipc::SessionEnd::served, 3}, {client, ipc::SessionEnd::rate_limited, 2}}},
      0);
  f.role.send(
      ipc::SessionsEnded{{{client, ipc::SessionEnd::tls_failed, 1}, {client, ipc::SessionEnd::displaced, 1}}},
      0);
  f.loop.run_ready();
  CHECK(f.link.totals().of(ipc::SessionEnd::served) == 3);
  CHECK(f.link.totals().accepted() == 4);
  CHECK(f.link.totals().dropped() == 3);
  REQUIRE(f.sessions.size() == 4);
  CHECK(f.sessions[1].client.address == client.address);
  CHECK(f.sessions[1].how == ipc::SessionEnd::rate_limited);
  CHECK(f.sessions[1].count == 2);
}

TEST_CASE("a server role that says something else loses its connection") {
  Fixture f;
  f.role.send_octets(ipc::encode(ipc::Stop{}, 1));
  f.loop.run_ready();
  CHECK(f.role.receive().empty());
  CHECK(f.log.says("sent a forbidden message"));
}

TEST_CASE("certificates are passed on, and those of no pair we have are not legal") {
  Fixture f;
  f.role.send(ipc::CertificateFacts{.subject = "/CN=a"}, 0);
  f.loop.run_ready();
  REQUIRE(f.certificates.size() == 1);
  CHECK(f.certificates.front().subject == "/CN=a");
  f.role.send(ipc::CertificateFacts{.pair = 1}, 0);
  f.loop.run_ready();
  CHECK(f.role.receive().empty());
  CHECK(f.log.says("sent a forbidden message"));
}

TEST_CASE("a replaced server role is told to leave and still gets cookies for the sessions it has") {
  Fixture f;
  FarEnd successor;
  f.link.connect(0, successor.take_near());
  f.loop.run_ready();
  static_cast<void>(read_as<ipc::Retire>(f.role.receive()));
  f.role.send(order(1), 8);
  successor.send(order(1), 9);
  f.loop.run_ready();
  CHECK(read_as<ipc::SealedCookies>(f.role.receive()).id == 8);
  CHECK(read_as<ipc::SealedCookies>(successor.receive()).id == 9);
}

TEST_CASE("a replaced server role that does not leave loses its connection") {
  Fixture f{base::Duration{0}};
  FarEnd successor;
  f.link.connect(0, successor.take_near());
  f.loop.run_ready();
  static_cast<void>(read_as<ipc::Retire>(f.role.receive()));
  CHECK(f.role.receive().empty());
  successor.send(order(1), 9);
  f.loop.run_ready();
  CHECK(read_as<ipc::SealedCookies>(successor.receive()).id == 9);
}

TEST_CASE("server roles learn who the hosts of the access rules are, those that come later as well") {
  Fixture f;
  const ipc::HostAddresses host{"client.example", {*base::parse_address("192.0.2.1")}};
  f.link.tell(host);
  f.loop.run_ready();
  CHECK(read_as<ipc::HostAddresses>(f.role.receive()).message.host == host.host);
  FarEnd later;
  f.link.connect(1, later.take_near());
  f.loop.run_ready();
  CHECK(read_as<ipc::HostAddresses>(later.receive()).message.addresses == host.addresses);
}

TEST_CASE("server roles learn what is allowed at run time, those that come later in the same order") {
  Fixture f;
  const ipc::AddAccessRule deny{{.subnet = *base::parse_subnet("192.0.2.0/24")}};
  const ipc::AddAccessRule allow{{.allow = true, .subnet = *base::parse_subnet("192.0.2.0/24")}};
  f.link.tell(deny);
  f.link.tell(allow);
  f.loop.run_ready();
  CHECK(read_as<ipc::AddAccessRule>(f.role.receive()).message.rule == deny.rule);
  CHECK(read_as<ipc::AddAccessRule>(f.role.receive()).message.rule == allow.rule);
  FarEnd later;
  f.link.connect(1, later.take_near());
  f.loop.run_ready();
  CHECK(read_as<ipc::AddAccessRule>(later.receive()).message.rule == deny.rule);
  CHECK(read_as<ipc::AddAccessRule>(later.receive()).message.rule == allow.rule);
}
