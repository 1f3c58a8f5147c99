// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/probe/prober.hpp"

#include <array>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::probe;

namespace {

ProbeEntropy entropy(std::uint64_t number) {
  ProbeEntropy e{.transmit = number, .receive = number + 1};
  e.identifier.fill(static_cast<std::uint8_t>(number));
  return e;
}

protocol::Header answer_to(const ProbeRequest& request) {
  protocol::Header header;
  header.mode = protocol::Mode::server;
  header.stratum = 2;
  header.origin = request.header.transmit;
  header.receive = {1000};
  header.transmit = {2000};
  return header;
}

base::Buffer octets_of(const protocol::Header& header) {
  base::Buffer datagram(protocol::header_size);
  base::ByteWriter writer{datagram};
  protocol::write_header(header, writer);
  return datagram;
}

protocol::NtsSession session() {
  const base::Buffer c2s(32, 1);
  const base::Buffer s2c(32, 2);
  protocol::NtsSession s;
  s.keys = {protocol::AeadId::aes_siv_cmac_256, base::Secret{c2s}, base::Secret{s2c}};
  s.cookies = {base::Buffer(100, 9), base::Buffer(100, 8)};
  return s;
}

// As the server would, with its key for answers.
base::Buffer protected_answer(const ProbeRequest& request, std::uint8_t key) {
  const base::Buffer octets(32, key);
  const auto s2c = protocol::Aead::make(protocol::AeadId::aes_siv_cmac_256, octets);
  const base::Buffer cookie(100, 7);
  const std::array<base::Bytes, 1> cookies{base::Bytes{cookie}};
  base::Buffer datagram(protocol::max_datagram_size);
  datagram.resize(protocol::protect_response(answer_to(request), request.identifier, cookies, *s2c, {},
                                             request.datagram.size(), datagram));
  return datagram;
}

}  // namespace

TEST_CASE("a padded request has the size that was wished, and parses as one field") {
  Prober prober;
  for (const auto size : std::array<std::uint16_t, 4>{76, 124, 1072, 1480}) {
    const auto request = prober.make({.form = ipc::ProbeForm::padded, .size = size}, entropy(5));
    REQUIRE(request);
    CHECK(request->datagram.size() == size);
    const auto packet = protocol::parse(request->datagram);
    REQUIRE(packet);
    CHECK(packet->field_count == 1);
  }
  CHECK(prober.make({}, entropy(5))->datagram.size() == 48);
}

TEST_CASE("an answer is told from what is none") {
  Prober prober;
  const auto request = *prober.make({}, entropy(5));
  auto header = answer_to(request);
  CHECK(prober.judge(octets_of(header), request).kind == DatagramKind::answer);
  header.origin = {6};
  CHECK(prober.judge(octets_of(header), request).kind == DatagramKind::of_another);
  header = answer_to(request);
  header.mode = protocol::Mode::client;
  CHECK(prober.judge(octets_of(header), request).kind == DatagramKind::malformed);
  CHECK(prober.judge(base::Buffer(47), request).kind == DatagramKind::malformed);
  header = answer_to(request);
  header.stratum = 0;
  header.leap = base::LeapIndicator::unsynchronised;
  header.reference_id = base::reference_id("RATE");
  CHECK(prober.judge(octets_of(header), request).kind == DatagramKind::kiss);
  // A server that has no time yet is none that kisses.
  header.reference_id = base::reference_id("INIT");
  CHECK(prober.judge(octets_of(header), request).kind == DatagramKind::answer);
}

TEST_CASE("an interleaved request refers to the answer before, and its answer shows") {
  Prober prober;
  const auto first = *prober.make({}, entropy(5));
  CHECK(prober.judge(octets_of(answer_to(first)), first).kind == DatagramKind::answer);
  const auto second = *prober.make({.interleaved = true}, entropy(50));
  CHECK(second.header.origin.value == 1000);
  auto header = answer_to(second);
  header.origin = second.header.receive;
  const auto judged = prober.judge(octets_of(header), second);
  CHECK(judged.kind == DatagramKind::answer);
  CHECK(judged.interleaved);
}

TEST_CASE("with NTS an answer counts by its key, and brings a cookie for the one that was spent") {
  Prober prober;
  CHECK_FALSE(prober.make({.form = ipc::ProbeForm::nts}, entropy(1)));  // no keys yet
  prober.use(session());
  const auto request = prober.make({.form = ipc::ProbeForm::nts}, entropy(1));
  REQUIRE(request);
  CHECK(request->datagram.size() == 228);
  CHECK(prober.judge(protected_answer(*request, 3), *request).kind == DatagramKind::unauthentic);
  CHECK(prober.judge(octets_of(answer_to(*request)), *request).kind == DatagramKind::unauthentic);
  const auto judged = prober.judge(protected_answer(*request, 2), *request);
  CHECK(judged.kind == DatagramKind::answer);
  CHECK(judged.cookies == 1);
  CHECK(prober.make({.form = ipc::ProbeForm::nts}, entropy(2)));
  CHECK(prober.make({.form = ipc::ProbeForm::nts, .placeholders = 7}, entropy(3))->datagram.size() == 956);
  CHECK_FALSE(prober.make({.form = ipc::ProbeForm::nts}, entropy(4)));  // none is left
}

TEST_CASE("a NTSN is told apart, for this request alone") {
  Prober prober;
  prober.use(session());
  const auto request = *prober.make({.form = ipc::ProbeForm::nts}, entropy(1));
  base::Buffer datagram(protocol::max_datagram_size);
  datagram.resize(protocol::write_nak(request.header, request.identifier, datagram));
  CHECK(prober.judge(datagram, request).kind == DatagramKind::nak);
  auto other = request;
  other.identifier.fill(77);
  CHECK(prober.judge(datagram, other).kind != DatagramKind::nak);
}
