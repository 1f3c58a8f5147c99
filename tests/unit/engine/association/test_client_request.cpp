// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/client_request.hpp"

#include "protocol/mac/packet_mac.hpp"
#include "protocol/nts/protection.hpp"
#include "tests/unit/engine/association/nts_server.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

constexpr base::RealTime today{1'800'000'000s};

StepEntropy some_entropy(std::uint32_t seed = 1) {
  return entropy_of(seed);
}

ClientRequest plain_request(base::NtpTimestamp origin = {}) {
  return make_request(4, {6}, nullptr, origin, some_entropy());
}

Disposition disposition_of(const ClientRequest& request, const protocol::Header& answer) {
  return check_response(octets_of(answer), request, nullptr).disposition;
}

std::shared_ptr<const protocol::SymmetricKey> shared_key(char letter = 'k') {
  return std::make_shared<const protocol::SymmetricKey>(
      3U, protocol::KeyType::sha256, protocol::KeyOctets{base::as_bytes(std::string(16, letter))});
}

base::Buffer with_mac(const protocol::Header& header, const protocol::SymmetricKey& key) {
  auto datagram = octets_of(header);
  datagram.resize(48 + protocol::max_mac_size);
  datagram.resize(protocol::append_mac(key, header.version, 48, datagram));
  return datagram;
}

// A client with keys of `server`, and one request of its.
struct Protected {
  Protected() {
    client.ke_started(base::MonoTime{});
    client.ke_succeeded(server.session(), base::MonoTime{}, 0);
    request = make_request(3, {6}, &client, {}, some_entropy());
  }
  ResponseCheck check(base::Bytes datagram) const { return check_response(datagram, request, &client); }

  NtsServer server;
  NtsClient client{std::nullopt};
  ClientRequest request;
};

}  // namespace

TEST_CASE("a plain request is 48 octets of which only version, mode, poll and a random number are set") {
  const auto entropy = some_entropy();
  const auto request = make_request(3, {-2}, nullptr, {}, entropy);
  CHECK_FALSE(request.nts);
  protocol::Header expected;
  expected.version = 3;
  expected.poll = -2;
  expected.transmit = transmit_of(entropy);
  CHECK(request.header == expected);
  CHECK(request.datagram == octets_of(expected));
}

TEST_CASE("a request for an interleaved answer names the answer before and has two random numbers") {
  const base::NtpTimestamp before{77};
  const auto request = plain_request(before);
  CHECK(request.header.origin == before);
  CHECK_FALSE(request.header.receive.is_zero());
  CHECK(request.header.receive != request.header.transmit);
  CHECK(octets_of(request.header) == request.datagram);
}

TEST_CASE("a request with a key ends with its MAC") {
  for (const auto version : {std::uint8_t{3}, std::uint8_t{4}}) {
    auto request = make_request(version, {6}, nullptr, {}, some_entropy());
    add_mac(request, shared_key());
    CHECK(request.datagram.size() == (version == 3 ? 84U : 72U));
    CHECK(request.datagram == with_mac(request.header, *shared_key()));
  }
}

TEST_CASE("an answer to a request with a MAC is one with a MAC of the same key") {
  auto request = plain_request();
  add_mac(request, shared_key());
  const auto answer = good_answer(request.datagram, today);
  const auto signed_answer = with_mac(answer, *shared_key());
  const auto check = check_response(signed_answer, request, nullptr);
  CHECK(check.disposition == Disposition::answer);
  CHECK(check.authenticated);
  CHECK(check_response(octets_of(answer), request, nullptr).disposition == Disposition::ignored);
  CHECK(check_response(with_mac(answer, *shared_key('x')), request, nullptr).disposition ==
        Disposition::ignored);
  auto nak = octets_of(answer);
  nak.resize(52);
  CHECK(check_response(nak, request, nullptr).disposition == Disposition::ignored);
  auto changed = signed_answer;
  changed[2] ^= 1U;
  CHECK(check_response(changed, request, nullptr).disposition == Disposition::ignored);
  // A kiss counts as little without the MAC, and at once with it.
  auto kiss = answer;
  kiss.stratum = 0;
  kiss.reference_id = kiss::deny;
  CHECK(check_response(octets_of(kiss), request, nullptr).disposition == Disposition::ignored);
  const auto proven = check_response(with_mac(kiss, *shared_key()), request, nullptr);
  CHECK(proven.disposition == Disposition::kiss);
  CHECK(proven.authenticated);
}

TEST_CASE("a protected request is of version 4 and takes one cookie") {
  Protected p;
  CHECK(p.request.nts);
  CHECK(p.client.cookies() == 7);
  CHECK(protocol::parse_header(p.request.datagram)->version == 4);
  const auto packet = protocol::parse(p.request.datagram);
  const auto fields = protocol::read_nts_request(*packet, p.request.datagram);
  REQUIRE(fields);
  CHECK(fields->placeholders == 0);
  CHECK(std::ranges::equal(fields->unique_identifier, p.request.identifier));
  // The jar is to come back to eight.
  const auto next = make_request(4, {6}, &p.client, {}, some_entropy(2));
  CHECK(protocol::read_nts_request(*protocol::parse(next.datagram), next.datagram)->placeholders == 1);
}

TEST_CASE("an answer is a server's, to this request, with both of its timestamps") {
  const auto request = plain_request();
  const auto good = good_answer(request.datagram, today);
  CHECK(disposition_of(request, good) == Disposition::answer);
  const auto changed = [&](auto change) {
    auto header = good;
    change(header);
    return disposition_of(request, header);
  };
  CHECK(changed([](auto& h) { h.mode = protocol::Mode::client; }) == Disposition::ignored);
  CHECK(changed([](auto& h) { h.version = 5; }) == Disposition::ignored);
  CHECK(changed([](auto& h) { h.version = 0; }) == Disposition::ignored);
  CHECK(changed([](auto& h) { h.origin.value ^= 1U; }) == Disposition::ignored);
  CHECK(changed([](auto& h) { h.origin = {}; }) == Disposition::ignored);
  CHECK(changed([](auto& h) { h.receive = {}; }) == Disposition::ignored);
  CHECK(changed([](auto& h) { h.transmit = {}; }) == Disposition::ignored);
  CHECK(changed([](auto& h) { h.leap = base::LeapIndicator::unsynchronised; }) == Disposition::answer);
  CHECK(check_response({}, request, nullptr).disposition == Disposition::ignored);
}

TEST_CASE("RATE, DENY and RSTR are kisses, whatever their timestamps are; other codes are answers") {
  const auto request = plain_request();
  for (const auto code : {kiss::rate, kiss::deny, kiss::rstr, base::reference_id("INIT")}) {
    auto kiss = good_answer(request.datagram, today);
    kiss.stratum = 0;
    kiss.reference_id = code;
    const bool known = code != base::reference_id("INIT");
    CHECK(disposition_of(request, kiss) == (known ? Disposition::kiss : Disposition::answer));
    kiss.receive = kiss.transmit = {};
    CHECK(disposition_of(request, kiss) == (known ? Disposition::kiss : Disposition::ignored));
    kiss.stratum = 2;
    CHECK(disposition_of(request, kiss) == Disposition::ignored);
  }
}

TEST_CASE("an interleaved answer is told by its origin, and only where one was asked for") {
  const auto asked = plain_request({77});
  auto answer = good_answer(asked.datagram, today);
  CHECK(check_response(octets_of(answer), asked, nullptr).mode == protocol::AnswerMode::basic);
  answer.origin = asked.header.receive;
  const auto check = check_response(octets_of(answer), asked, nullptr);
  CHECK(check.disposition == Disposition::answer);
  CHECK(check.mode == protocol::AnswerMode::interleaved);
  CHECK(check.header == answer);
}

TEST_CASE("under NTS only an authentic answer counts, and it brings cookies") {
  Protected p;
  auto datagram = p.server.answer(p.request.datagram, today);
  const auto check = p.check(datagram);
  CHECK(check.disposition == Disposition::answer);
  CHECK(check.authenticated);
  CHECK(check.cookies.size() == 1);
  CHECK(p.check(octets_of(good_answer(p.request.datagram, today))).disposition == Disposition::ignored);
  datagram.back() ^= 1;
  CHECK(p.check(datagram).disposition == Disposition::ignored);
  datagram.back() ^= 1;
  datagram[1] ^= 1;  // the stratum
  CHECK(p.check(datagram).disposition == Disposition::ignored);
}

TEST_CASE("a NAK is told by the identifier of the request") {
  Protected p;
  p.server.renew(99);
  const auto nak = p.server.answer(p.request.datagram, today);
  REQUIRE(p.server.outcome == Outcome::nak);
  CHECK(p.check(nak).disposition == Disposition::nak);
  auto other = p.request;
  other.identifier[0] ^= 1;
  CHECK(check_response(nak, other, &p.client).disposition == Disposition::ignored);
}

}  // namespace gnomon::testing
