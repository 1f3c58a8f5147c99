// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/codec.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/ipc/round_trip.hpp"

using namespace gnomon;
using namespace gnomon::ipc;
using namespace gnomon::testing;
using namespace std::chrono_literals;

namespace {

base::Secret key(std::size_t size, std::uint8_t first) {
  base::Buffer octets(size);
  for (std::size_t i = 0; i < size; ++i) octets[i] = static_cast<std::uint8_t>(first + i);
  return base::Secret{octets};
}

protocol::SessionKeys keys_of(protocol::AeadId aead, std::size_t size) {
  return {aead, key(size, 1), key(size, 100)};
}

base::Endpoint endpoint(const char* address, std::uint16_t port) {
  return {*base::parse_address(address), port};
}

Established established() {
  Established m;
  m.session.keys = keys_of(protocol::AeadId::aes_128_gcm_siv, 16);
  m.session.compliant_keys = keys_of(protocol::AeadId::aes_128_gcm_siv, 16);
  m.session.cookies = {base::Buffer(100, 7), base::Buffer(256, 8)};
  m.session.ntp_server = "ntp.example.net";
  m.session.ntp_port = 11123;
  return m;
}

Establish establish() {
  return {"nts.example.net", endpoint("fe80::1%3", 4460),        5,
          {30, 15},          protocol::DateCheck::forgive_early, base::RealTime{5s}};
}

SealCookies seal_cookies() {
  return {endpoint("192.0.2.7", 50000), keys_of(protocol::AeadId::aes_siv_cmac_512, 64), 8};
}

}  // namespace

TEST_CASE("clock messages pass unchanged") {
  const auto adjust = round_trip(Adjust{{-123'456'789}, {100'000'000'000}, 64s});
  CHECK(adjust.frequency == Rate{-123'456'789});
  CHECK(adjust.slew == Rate{100'000'000'000});
  CHECK(adjust.duration == 64s);
  CHECK(round_trip(Step{-1'234'567'890'123ns}).offset == -1'234'567'890'123ns);
  const auto status = round_trip(SetStatus{base::LeapIndicator::insert, true, 16s, 1us, 37});
  CHECK(status.leap == base::LeapIndicator::insert);
  CHECK(status.rtc_sync);
  CHECK(status.max_error == 16s);
  CHECK(status.estimated_error == 1us);
  CHECK(status.tai_offset == 37);
  const auto reading = round_trip(ClockReading{{5}, -3, true, false});
  CHECK(reading.frequency == Rate{5});
  CHECK(reading.tai_offset == -3);
  CHECK(reading.synchronised);
  CHECK_FALSE(reading.may_adjust);
  const auto adjusted = round_trip(Adjusted{base::RealTime{-1ns}, {-7}, 3ns});
  CHECK(adjusted.at == base::RealTime{-1ns});
  CHECK(adjusted.rate == Rate{-7});
  CHECK(adjusted.stepped == 3ns);
  const auto no = round_trip(ClockRefused{ClockRefusal::kernel_error, 22});
  CHECK(no.reason == ClockRefusal::kernel_error);
  CHECK(no.system_error == 22);
  round_trip(ReadClock{});
}

TEST_CASE("a clock request out of its declared range is refused by the receiver") {
  CHECK(refused(Adjust{{100'000'000'001}, {}, 1s}));
  CHECK(refused(Adjust{{}, {-100'000'000'001}, 1s}));
  CHECK(refused(Adjust{{}, {}, 100'000s + 1ns}));
  CHECK(refused(Adjust{{}, {}, -1ns}));
  CHECK(refused(Step{base::Duration::min()}));
  CHECK(refused(SetStatus{static_cast<base::LeapIndicator>(4), false, 0s, 0s, 0}));
  CHECK(refused(SetStatus{base::LeapIndicator::none, false, 16s + 1ns, 0s, 0}));
  CHECK(refused(SetStatus{base::LeapIndicator::none, false, 0s, -1ns, 0}));
  CHECK(refused(ClockRefused{static_cast<ClockRefusal>(9), 0}));
}

TEST_CASE("a rate saturates at one half and has no sign trouble") {
  CHECK(rate_of_ratio(1e-6) == Rate{1'000'000});
  CHECK(rate_of_ratio(-0.1) == Rate{-100'000'000'000});
  CHECK(rate_of_ratio(7.0) == Rate{500'000'000'000});
  CHECK(rate_of_ratio(-7.0) == Rate{-500'000'000'000});
  CHECK(rate_of_ratio(std::numeric_limits<double>::quiet_NaN()) == Rate{0});
}

TEST_CASE("messages of the key establishment server pass unchanged") {
  const auto seal = round_trip(seal_cookies());
  CHECK(seal.client == endpoint("192.0.2.7", 50000));
  CHECK(seal.count == 8);
  CHECK(seal.keys.aead == protocol::AeadId::aes_siv_cmac_512);
  CHECK(seal.keys.c2s == key(64, 1));
  CHECK(seal.keys.s2c == key(64, 100));
  const SealedCookies sealed{{base::Buffer(96, 1), base::Buffer(256, 2), base::Buffer(1, 3)}};
  CHECK(round_trip(sealed).cookies == sealed.cookies);
  round_trip(SealRefused{});
  const auto ended = round_trip(SessionsEnded{{{endpoint("2001:db8::9", 1), SessionEnd::no_alpn, 1},
                                               {endpoint("192.0.2.1", 2), SessionEnd::timeout, 70000}}});
  REQUIRE(ended.sessions.size() == 2);
  CHECK(ended.sessions[0].client == endpoint("2001:db8::9", 1));
  CHECK(ended.sessions[0].how == SessionEnd::no_alpn);
  CHECK(ended.sessions[1].count == 70000);
}

namespace {

CertificateFacts certificate_facts() {
  CertificateFacts facts{.pair = 300,
                         .subject = "/CN=time.example",
                         .names = {"time.example", "192.0.2.1"},
                         .further_names = 3,
                         .key = KeyKind::ed448,
                         .key_bits = 456,
                         .not_before = base::RealTime{-5s},
                         .not_after = base::RealTime::max()};
  facts.fingerprint.fill(0xfe);
  return facts;
}

}  // namespace

TEST_CASE("what a certificate says passes unchanged") {
  const auto sent = certificate_facts();
  const auto facts = round_trip(sent);
  CHECK(facts.pair == 300);
  CHECK(facts.subject == sent.subject);
  CHECK(facts.names == sent.names);
  CHECK(facts.further_names == 3);
  CHECK(facts.key == KeyKind::ed448);
  CHECK(facts.key_bits == 456);
  CHECK(facts.not_before == sent.not_before);
  CHECK(facts.not_after == sent.not_after);
  CHECK(facts.fingerprint == sent.fingerprint);
  round_trip(Retire{});
  CHECK(round_trip(CertificatesUnusable{"the key does not fit"}).reason == "the key does not fit");
  CHECK(round_trip(CertificatesRefused{std::string(300, 'r')}).reason.size() == 250);
  const HostAddresses addresses{"client.example",
                                {*base::parse_address("192.0.2.1"), *base::parse_address("::1")}};
  const auto read = round_trip(addresses);
  CHECK(read.host == addresses.host);
  CHECK(read.addresses == addresses.addresses);
}

TEST_CASE("rules of access pass unchanged, and none has more bits than its address") {
  AddAccessRule added{{.allow = true, .subnet = *base::parse_subnet("192.0.2.0/24"), .all = true}};
  CHECK(round_trip(added).rule == added.rule);
  added = {{.subnet = *base::parse_subnet("2001:db8::/32")}};
  CHECK(round_trip(added).rule == added.rule);
  added = {};
  CHECK(round_trip(added).rule == added.rule);
  added.rule.subnet.bits = 1;
  CHECK(refused(added));
  added.rule.subnet = {*base::parse_address("192.0.2.1"), 33};
  CHECK(refused(added));
}

TEST_CASE("names of a certificate are counted, of limited length and printable; its subject is made so") {
  auto facts = certificate_facts();
  facts.names = std::vector<std::string>(CertificateFacts::most_names, std::string(253, 'n'));
  CHECK(round_trip(facts).names == facts.names);
  facts.names.emplace_back("one more");
  CHECK(refused(facts));
  for (const auto& name : {std::string{}, std::string(254, 'n'), std::string{"a\nb"}, std::string{"\x80"}}) {
    facts.names = {name};
    CHECK(refused(facts));
  }
  facts = certificate_facts();
  facts.key = static_cast<KeyKind>(5);
  CHECK(refused(facts));
  facts = certificate_facts();
  facts.subject = "/CN=\n" + std::string(300, 'x');
  CHECK(round_trip(facts).subject.starts_with("/CN=?xxx"));
}

TEST_CASE("a seal request with a wrong count or an unknown AEAD is refused") {
  auto none = seal_cookies();
  none.count = 0;
  CHECK(refused(none));
  auto many = seal_cookies();
  many.count = 9;
  CHECK(refused(many));
  auto datagram = encode(seal_cookies(), 1);
  datagram[frame_header_size + 23 + 1 + 1] = 16;  // low octet of the AEAD
  CHECK(decode_datagram<SealCookies>(datagram).error() == FrameError::bad_body);
}

TEST_CASE("keys that do not fit their AEAD cannot be sent") {
  auto wrong = seal_cookies();
  wrong.keys.aead = protocol::AeadId::aes_128_gcm_siv;
  CHECK_THROWS_AS(encode(wrong, 1), std::length_error);
}

TEST_CASE("cookies are counted and limited in size") {
  CHECK(refused(SealedCookies{}));
  CHECK(refused(SealedCookies{std::vector<base::Buffer>(9, base::Buffer(4, 0))}));
  CHECK(refused(SealedCookies{{base::Buffer{}}}));
  CHECK(refused(SealedCookies{{base::Buffer(257, 0)}}));
}

TEST_CASE("messages of the key establishment client pass unchanged") {
  const auto order = round_trip(establish());
  CHECK(order.name == "nts.example.net");
  CHECK(order.server == endpoint("fe80::1%3", 4460));
  CHECK(order.cert_set == 5);
  CHECK(order.aeads == std::vector<std::uint16_t>{30, 15});
  CHECK(order.date_check == protocol::DateCheck::forgive_early);
  CHECK(order.verification_time == base::RealTime{5s});

  const auto done = round_trip(established()).session;
  CHECK(done.keys.c2s == key(16, 1));
  REQUIRE(done.compliant_keys);
  CHECK(done.compliant_keys->s2c == key(16, 100));
  CHECK(done.cookies.size() == 2);
  CHECK(done.ntp_server == "ntp.example.net");
  CHECK(done.ntp_port == 11123);

  Established plain;
  plain.session.keys = keys_of(protocol::AeadId::aes_siv_cmac_256, 32);
  plain.session.cookies = {base::Buffer(100, 7)};
  const auto session = round_trip(plain).session;
  CHECK_FALSE(session.compliant_keys);
  CHECK_FALSE(session.ntp_port);
  CHECK(session.ntp_server.empty());

  EstablishFailed failed;
  failed.failure = {protocol::KeFailureReason::no_alpn, "the server agreed to nothing"};
  CHECK(round_trip(failed).failure.detail == "the server agreed to nothing");
  CHECK(round_trip(failed).failure.reason == protocol::KeFailureReason::no_alpn);
}

TEST_CASE("an order without a name, an address or an AEAD is refused") {
  auto order = establish();
  order.name = "";
  CHECK(refused(order));
  order.name = "two words";
  CHECK(refused(order));
  order = establish();
  order.server.address = {};
  CHECK(refused(order));
  order = establish();
  order.aeads = {};
  CHECK(refused(order));
  order.aeads = std::vector<std::uint16_t>(9, 15);
  CHECK(refused(order));
}

TEST_CASE("a text for people is cut and cleaned on the way") {
  EstablishFailed failed;
  failed.failure.detail = "CN=evil\n<0>kernel: " + std::string(300, 'x');
  const auto detail = round_trip(failed).failure.detail;
  CHECK(detail.size() == 200);
  CHECK(detail.starts_with("CN=evil?<0>kernel: xx"));
  CHECK(round_trip(Status{"a\nREADY=0"}).text == "a?READY=0");
}

TEST_CASE("resolver messages pass unchanged") {
  const auto question = round_trip(Resolve{"pool.example.net", base::AddressFamily::ipv6});
  CHECK(question.name == "pool.example.net");
  CHECK(question.family == base::AddressFamily::ipv6);
  const Resolved answer{{*base::parse_address("192.0.2.1"), *base::parse_address("2001:db8::1")}};
  CHECK(round_trip(answer).addresses == answer.addresses);
  CHECK(round_trip(ResolveFailed{ResolveError::try_again}).error == ResolveError::try_again);
}

TEST_CASE("a resolver message with no name, no address or too many is refused") {
  CHECK(refused(Resolve{"", base::AddressFamily::ipv4}));
  CHECK(refused(Resolve{"a\nb", base::AddressFamily::ipv4}));
  CHECK(refused(Resolve{"a", static_cast<base::AddressFamily>(3)}));
  CHECK(refused(Resolved{}));
  CHECK(refused(Resolved{{base::IpAddress{}}}));
  CHECK(refused(Resolved{std::vector(17, *base::parse_address("192.0.2.1"))}));
  CHECK_THROWS_AS(encode(Resolve{std::string(256, 'a'), {}}, 1), std::length_error);
}

TEST_CASE("an address has one form only") {
  auto spare_octet = encode(Resolved{{*base::parse_address("192.0.2.1")}}, 1);
  spare_octet[frame_header_size + 1 + 1 + 5] = 1;
  CHECK(decode_datagram<Resolved>(spare_octet).error() == FrameError::bad_body);
  auto scoped = encode(Resolved{{*base::parse_address("192.0.2.1")}}, 1);
  scoped.back() = 1;
  CHECK(decode_datagram<Resolved>(scoped).error() == FrameError::bad_body);
  auto mapped = encode(Resolved{{*base::parse_address("::1")}}, 1);
  mapped[frame_header_size + 2 + 10] = 0xff;
  mapped[frame_header_size + 2 + 11] = 0xff;
  CHECK(decode_datagram<Resolved>(mapped).error() == FrameError::bad_body);
}

TEST_CASE("messages about the real-time clock pass unchanged, within their ranges") {
  CHECK(round_trip(ReadRtc{64}).ticks == 64);
  CHECK(refused(ReadRtc{0}));
  CHECK(refused(ReadRtc{65}));
  round_trip(SetRtc{});
  const base::RealTime at{base::Duration{1795402324123456789}};
  const auto answer = round_trip(RtcAnswer{RtcOutcome::failed, 13, 1795402324, at});
  CHECK(answer.outcome == RtcOutcome::failed);
  CHECK(answer.system_error == 13);
  CHECK(answer.reading == 1795402324);
  CHECK(answer.at == at);
  CHECK(refused(RtcAnswer{static_cast<RtcOutcome>(5), 0, 0, at}));
  const auto tick = round_trip(RtcTick{9'000'000'000, at, 5});
  CHECK(tick.reading == 9'000'000'000);
  CHECK(tick.at == at);
  CHECK(tick.system_error == 5);
  CHECK(refused(RtcTick{-1, at, 0}));
  CHECK(refused(RtcTick{9'000'000'001, at, 0}));
}

TEST_CASE("messages about network cards pass unchanged, within their ranges") {
  round_trip(OpenNics{});
  const auto nic = round_trip(NicOpened{2, "eth0", 3, true, 10'000'000});
  CHECK(nic.interface == 2);
  CHECK(nic.name == "eth0");
  CHECK(nic.line == 3);
  CHECK(nic.receives);
  CHECK(nic.speed == 10'000'000);
  CHECK(refused(NicOpened{0, "eth0", 0, true, 0}));
  CHECK(refused(NicOpened{2, "", 0, true, 0}));
  CHECK(refused(NicOpened{2, "a-name-that-is-too-long", 0, true, 0}));
  CHECK(refused(NicOpened{2, "eth 0", 0, true, 0}));
  CHECK(refused(NicOpened{2, "eth0", 0, true, 10'000'001}));
}

TEST_CASE("launcher messages pass unchanged") {
  round_trip(Ready{});
  round_trip(Stop{});
  round_trip(Reload{});
  round_trip(Ping{});
  round_trip(Alive{});
  round_trip(KeySecretOpened{});
  round_trip(TrustChanged{});
  const MessageWritten written{.at = {.real = base::RealTime{5s}, .mono = base::MonoTime{3s}},
                               .fields = {1, 2}};
  CHECK(round_trip(written).at.real == written.at.real);
  CHECK(round_trip(written).at.mono == written.at.mono);
  CHECK(round_trip(written).fields == written.fields);
  round_trip(OpenSymmetricKeys{});
  round_trip(SymmetricKeysOpened{});
  round_trip(OpenSigndSocket{});
  round_trip(SigndSocketOpened{});
  round_trip(CycleLogFile{});
  round_trip(OpenNtpSockets{});
  round_trip(OpenPeerSockets{});
  CHECK(round_trip(WantRole{Role::resolve}).role == Role::resolve);
  CHECK(round_trip(ReleaseRole{Role::ke_client}).role == Role::ke_client);
  CHECK(refused(WantRole{Role::clock}));
  CHECK(refused(ReleaseRole{Role::ke_server}));
  CHECK(round_trip(PeerSocketOpened{"Could not bind"}).reason == "Could not bind");
  CHECK(round_trip(NtpSocketOpened{}).reason.empty());
  CHECK(round_trip(NtpSocketOpened{"Could not listen"}).reason == "Could not listen");
  const RefclockReading pulse{RefclockKind::pulse, base::RealTime{5s}, -3s, 16s,
                              base::LeapIndicator::unsynchronised};
  const RefclockReadings told{{{63, true, base::MonoTime{7s}, {{}, pulse}}, {0, false, {}, {}}}};
  CHECK(round_trip(told).polls == told.polls);
  CHECK(round_trip(RefclockReadings{}).polls.empty());
  CHECK(refused(RefclockReadings{{{64, true, {}, {}}}}));
  const std::vector<RefclockReading> half(33);
  CHECK(refused(RefclockReadings{{{0, true, {}, half}, {1, true, {}, half}}}));
  CHECK(refused(RefclockReadings{std::vector<RefclockPoll>(65)}));
  CHECK(round_trip(OpenSources{true}).first);
  round_trip(SourcesEnd{});
  const auto opened = round_trip(SourcesOpened{7, 13, "eth0\n.sources", "Permission denied"});
  CHECK(opened.folder == 7);
  CHECK(opened.error == 13);
  CHECK(opened.name == "eth0\n.sources");
  CHECK(opened.reason == "Permission denied");
  round_trip(ReplaceKeServers{});
  CHECK(round_trip(SendMail{base::Duration{-5}}).correction.count() == -5);
  CHECK(round_trip(OpenFile{FileKind::sensor}).kind == FileKind::sensor);
  CHECK(refused(OpenFile{static_cast<FileKind>(9)}));
  const auto file = round_trip(FileOpened{FileKind::tracking_log, "Permission denied"});
  CHECK(file.kind == FileKind::tracking_log);
  CHECK(file.reason == "Permission denied");
  CHECK(refused(FileOpened{static_cast<FileKind>(9), ""}));
  const auto status = round_trip(Status{"2 sources, best ntp.example.net", true});
  CHECK(status.text == "2 sources, best ntp.example.net");
  CHECK(status.synchronised);
  CHECK(round_trip(Finished{3}).exit_status == 3);
  const auto connected = round_trip(RoleConnected{Role::ke_server, 2});
  CHECK(connected.role == Role::ke_server);
  CHECK(connected.index == 2);
  CHECK(refused(RoleConnected{Role::resolve, 1}));
  CHECK(refused(RoleConnected{static_cast<Role>(6), 0}));
}

TEST_CASE("a message decodes only as what its frame says it is") {
  const auto datagram = encode(Stop{}, 0);
  CHECK(decode_datagram<Ready>(datagram).error() == FrameError::unknown_type);
}

TEST_CASE("encoding into the caller's memory says when it does not fit") {
  std::array<std::uint8_t, 16> space{};
  CHECK(encode_into(Step{1s}, 9, base::MutableBytes{space}) == 16);
  CHECK(encode_into(Step{1s}, 9, base::MutableBytes{space}.first(15)) == 0);
  CHECK(encode_into(Step{1s}, 9, base::MutableBytes{space}.first(7)) == 0);
}
