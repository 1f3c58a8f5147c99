// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/probe_messages.hpp"

#include "ipc/codec.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::ipc;
using namespace std::chrono_literals;

namespace {

constexpr base::RealTime moment{1'795'402'352s};

protocol::NtsSession longest_session() {
  protocol::NtsSession session;
  const base::Buffer key(64, 1);
  session.keys = {protocol::AeadId::aes_siv_cmac_512, base::Secret{key}, base::Secret{key}};
  session.compliant_keys = {protocol::AeadId::aes_siv_cmac_512, base::Secret{key}, base::Secret{key}};
  session.cookies.assign(8, base::Buffer(256, 7));
  session.ntp_server = std::string(255, 'n');
  session.ntp_port = 123;
  return session;
}

// Everything as long as it may be.
Inspected longest() {
  Inspected seen{.phase = KePhase::finished, .connected = 1ms, .shaken = 2ms, .finished = 3ms};
  for (auto* word : {&seen.tls_version, &seen.cipher, &seen.group}) *word = std::string(48, 'w');
  const SeenCertificate certificate{.subject = std::string(120, 's'),
                                    .issuer = std::string(120, 'i'),
                                    .key = KeyKind::rsa,
                                    .key_bits = 4096,
                                    .not_before = moment,
                                    .not_after = base::RealTime::max(),
                                    .fingerprint = {1, 2, 3}};
  seen.chain.assign(Inspected::most_certificates, certificate);
  seen.names.assign(Inspected::most_names, std::string(253, 'd'));
  seen.further_certificates = 3;
  seen.further_names = 90;
  seen.distrust = std::string(200, '!');
  seen.failure = {protocol::KeFailureReason::timeout, std::string(200, 'f')};
  seen.session = longest_session();
  return seen;
}

template <class M>
std::expected<M, FrameError> passed(const M& message) {
  const auto datagram = encode(message, 9);
  const auto frame = parse_frame(datagram);
  REQUIRE(frame);
  for (std::size_t size = 0; size < frame->body.size(); ++size)
    REQUIRE_FALSE(decode<M>(Frame{M::type, 9, frame->body.first(size)}));
  auto decoded = decode<M>(*frame);
  if (decoded) CHECK(encode(*decoded, 9) == datagram);
  return decoded;
}

}  // namespace

TEST_CASE("what was seen of a key exchange passes, also with everything as long as it may be") {
  const auto seen = passed(longest());
  REQUIRE(seen);
  CHECK(seen->chain == longest().chain);
  CHECK(seen->names == longest().names);
  CHECK(seen->failure->detail == std::string(200, 'f'));
  CHECK(seen->session->cookies.size() == 8);
  CHECK(passed(Inspected{}));
}

TEST_CASE("names in a stranger's certificate are cut and made printable") {
  Inspected seen;
  seen.chain.push_back({.subject = "/CN=evil\x1b[31m" + std::string(300, 'x'), .issuer = "\xe2\x80\xae"});
  seen.names.emplace_back("a\nb");
  const auto got = passed(seen);
  REQUIRE(got);
  CHECK(got->chain[0].subject.starts_with("/CN=evil?[31mxxx"));
  CHECK(got->chain[0].subject.size() == 120);
  CHECK(got->chain[0].issuer == "???");
  CHECK(got->names[0] == "a?b");
}

TEST_CASE("requests of a probe pass within their ranges") {
  const base::Endpoint server{*base::parse_address("2001:db8::1"), 123};
  CHECK(passed(
      ProbeExchange{.server = server, .form = ProbeForm::nts, .placeholders = 7, .interleaved = true}));
  CHECK_FALSE(passed(ProbeExchange{.server = server, .placeholders = 8}));
  CHECK_FALSE(passed(ProbeExchange{.server = server, .version = 5}));
  CHECK_FALSE(passed(ProbeExchange{.server = server, .size = 78}));
  CHECK_FALSE(passed(ProbeExchange{.server = server, .size = 1484}));
  CHECK_FALSE(passed(ProbeExchange{.server = server, .wait = 11s}));
  CHECK_FALSE(passed(ProbeExchange{.server = {server.address, 0}}));
  CHECK_FALSE(passed(ProbeExchange{}));
  CHECK(passed(ProbeBurst{.server = server, .count = 16}));
  CHECK_FALSE(passed(ProbeBurst{.server = server, .count = 17}));
  CHECK_FALSE(passed(ProbeBurst{.server = server, .count = 0}));
  CHECK(passed(ProbeKeys{longest_session()})->session.ntp_port == 123);
}

TEST_CASE("answers of a probe pass; one that was answered has a header, others have none") {
  ProbeAnswer answer{.outcome = ProbeOutcome::answered, .sent_size = 48, .received_size = 48, .sent = moment};
  CHECK_FALSE(passed(answer));
  answer.header = SeenHeader{.leap = base::LeapIndicator::insert,
                             .version = 4,
                             .stratum = 255,
                             .poll = -128,
                             .precision = -23,
                             .root_delay = {7},
                             .reference_id = base::reference_id("GPS "),
                             .transmit = {UINT64_MAX}};
  CHECK(passed(answer)->header == answer.header);
  answer.outcome = ProbeOutcome::silent;
  CHECK_FALSE(passed(answer));
  CHECK(passed(ProbeAnswer{.outcome = ProbeOutcome::unreachable, .error = 113}));
  CHECK(passed(ProbeBurstAnswer{.sent = 16, .answered = 8, .kisses = 8}));
  CHECK_FALSE(passed(ProbeBurstAnswer{.sent = 16, .answered = 17}));
}
