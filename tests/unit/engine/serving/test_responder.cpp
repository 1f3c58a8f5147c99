// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/serving/responder.hpp"

#include <cstdlib>
#include <new>

#include "protocol/nts/protection.hpp"
#include "tests/unit/engine/serving/responder_server.hpp"

namespace {

void* counted(std::size_t size) noexcept {
  ++gnomon::testing::allocations;
  return std::malloc(size == 0 ? 1 : size);
}
void* counted_or_throw(std::size_t size) {
  if (void* memory = counted(size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

// Counted for the whole test binary: answering must not allocate. Every form is replaced, so that none of
// them meets the other half of a sanitizer's.
void* operator new(std::size_t size) {
  return counted_or_throw(size);
}
void* operator new[](std::size_t size) {
  return counted_or_throw(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return counted(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return counted(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}

namespace gnomon::testing {

using namespace engine;

namespace {

base::Buffer with_field(protocol::FieldType type, std::size_t body) {
  base::Buffer octets(48 + 4 + body);
  base::ByteWriter writer(octets);
  const auto head = request();
  writer.write(head);
  const base::Buffer content(body, 0x55);
  protocol::write_field(type, content, writer);
  return octets;
}

struct Protected {
  explicit Protected(const Server& server, std::size_t placeholders = 0,
                     protocol::AeadId aead = protocol::AeadId::aes_siv_cmac_256) {
    const std::size_t size = protocol::traits(aead).key_size;
    const base::Buffer key_c(size, 1);
    const base::Buffer key_s(size, 2);
    const protocol::SessionKeys keys{aead, base::Secret(key_c), base::Secret(key_s)};
    cookie.resize(server.snapshot.sealer->cookie_size(aead));
    REQUIRE(server.snapshot.sealer->seal(keys, {}, cookie));
    identifier.fill(9);
    protocol::Header h;
    h.transmit = {42};
    const auto c2s = protocol::Aead::make(aead, key_c);
    s2c.emplace(*protocol::Aead::make(aead, key_s));
    datagram = protocol::protect_request(h, identifier, cookie, placeholders, *c2s, {});
  }
  base::Buffer cookie;
  base::Buffer datagram;
  protocol::UniqueIdentifier identifier{};
  std::optional<protocol::Aead> s2c;
};

}  // namespace

TEST_CASE("a client request is answered with our state, its version, poll and origin") {
  for (std::uint8_t version = 1; version <= 4; ++version) {
    Server server;
    const Answer answer = server.ask(request(version));
    CHECK(answer.outcome == Outcome::answered);
    REQUIRE(answer.size == 48);
    const auto h = *protocol::parse_header(server.out);
    CHECK(h.version == version);
    CHECK(h.mode == protocol::Mode::server);
    CHECK(h.leap == base::LeapIndicator::insert);
    CHECK(h.stratum == 2);
    CHECK(h.poll == 7);
    CHECK(h.origin.value == 0x0123456789abcdef);
    CHECK(h.receive == base::to_ntp(server.received));
    CHECK(h.transmit == base::to_ntp(server.received + 20us));
    CHECK(h.root_delay.seconds().count() == 0.5);
    CHECK(h.root_dispersion.seconds().count() == Approx(0.5).margin(1e-4));  // 250 s at 1000 ppm later
    CHECK(server.allocated == 0);
  }
}

TEST_CASE("the count of allocations counts") {
  const std::size_t before = allocations;
  const auto octets = std::make_unique<base::Buffer>(100);
  CHECK(allocations >= before + 2);
}

TEST_CASE("only client requests of versions 1 to 4 are answered") {
  Server server;
  for (std::uint8_t mode = 0; mode < 8; ++mode) {
    if (mode == 1 || mode == 3) continue;
    CHECK(server.ask(request(4, static_cast<protocol::Mode>(mode))).outcome == Outcome::not_a_request);
    CHECK(server.out.empty());
  }
  CHECK(server.ask(request(0)).outcome == Outcome::not_a_request);
  CHECK(server.ask(request(5)).outcome == Outcome::not_a_request);
  const auto whole = request();
  CHECK(server.ask(base::Bytes(whole).first(47)).outcome == Outcome::malformed);
  CHECK(server.ask({}).outcome == Outcome::malformed);
}

TEST_CASE("a peer that is not configured gets our time as from a passive one; NTS is not for peers") {
  Server server;
  give_keys(server);
  const auto asked = request(3, protocol::Mode::symmetric_active);
  CHECK(server.ask(asked).outcome == Outcome::answered);
  CHECK(server.allocated == 0);
  CHECK(server.out[0] == 0x5a);  // leap second, version 3, symmetric passive
  const auto mine = key(protocol::KeyType::aes128, 7);
  CHECK(server.ask(with_mac(asked, mine)).outcome == Outcome::authenticated);
  CHECK(has_mac_of(mine, server.out));
  auto with_cookie = Protected(server).datagram;
  with_cookie[0] = static_cast<std::uint8_t>((with_cookie[0] & 0xf8U) | 1U);
  CHECK(server.ask(with_cookie).outcome == Outcome::malformed);
}

TEST_CASE("who is not allowed gets no answer") {
  Server server;
  server.client = address("198.51.100.1");
  CHECK(server.ask(request()).outcome == Outcome::denied);
}

TEST_CASE("an unsynchronised server says so") {
  Server server;
  server.snapshot.view = {};
  server.ask(request());
  const auto h = *protocol::parse_header(server.out);
  CHECK(h.leap == base::LeapIndicator::unsynchronised);
  CHECK(h.stratum == 0);
  CHECK(h.reference.is_zero());
  CHECK(h.reference_id.value == 0);
}

TEST_CASE("an unknown field is answered with 48 octets, an identifier is echoed") {
  Server server;
  const auto unknown = with_field(static_cast<protocol::FieldType>(0xf323), 24);
  CHECK(server.ask(unknown).size == 48);
  const auto identified = with_field(protocol::FieldType::unique_identifier, 32);
  const Answer answer = server.ask(identified);
  CHECK(answer.outcome == Outcome::answered);
  CHECK(answer.size == identified.size());
  CHECK(base::Buffer(server.out.begin() + 48, server.out.end()) ==
        base::Buffer(identified.begin() + 48, identified.end()));
}

TEST_CASE("a protected request gets a protected answer of no more than its size, with new cookies") {
  for (const auto aead : {protocol::AeadId::aes_siv_cmac_256, protocol::AeadId::aes_128_gcm_siv}) {
    for (const std::size_t placeholders : {0U, 3U, 7U}) {
      Server server;
      const Protected ask(server, placeholders, aead);
      const Answer answer = server.ask(ask.datagram);
      REQUIRE(answer.outcome == Outcome::authenticated);
      CHECK(answer.size <= ask.datagram.size());
      CHECK(answer.entropy == 16 * (2 + placeholders));  // the answer's nonce, and each cookie's
      CHECK(server.allocated == 0);
      const auto packet = protocol::parse(server.out);
      REQUIRE(packet);
      auto verified = protocol::verify_response(*packet, server.out, ask.identifier, *ask.s2c);
      REQUIRE(verified);
      CHECK(verified->cookies().size() == 1 + placeholders);
      CHECK(verified->header().origin.value == 42);
      for (const auto& cookie : verified->cookies()) {
        CHECK(cookie.size() == ask.cookie.size());
        CHECK(cookie != ask.cookie);
      }
    }
  }
}

TEST_CASE("a cookie of unknown keys or a wrong tag is answered with a NAK") {
  Server server;
  const Protected ask(server);
  auto bad_tag = ask.datagram;
  bad_tag.back() ^= 1;
  Server other;
  other.snapshot.sealer =
      std::make_shared<protocol::CookieSealer>(protocol::make_key_set(base::Buffer(128, 7)));
  for (const auto& [who, datagram] : {std::pair{&server, bad_tag}, std::pair{&other, ask.datagram}}) {
    const Answer answer = who->ask(datagram);
    CHECK(answer.outcome == Outcome::nak);
    CHECK(answer.size < datagram.size());
    CHECK(protocol::is_nts_nak(*protocol::parse(who->out), ask.identifier));
    CHECK(who->allocated == 0);
  }
}

TEST_CASE("without keys of our own protected requests are dropped") {
  Server server;
  const Protected ask(server);
  server.snapshot.sealer = nullptr;
  CHECK(server.ask(ask.datagram).outcome == Outcome::nts_unavailable);
}

TEST_CASE("a request with the MAC of a known key is answered with one, in every version") {
  for (std::uint8_t version = 1; version <= 4; ++version)
    for (const auto& known :
         {std::pair{protocol::KeyType::sha1, 5U}, std::pair{protocol::KeyType::sha512, 6U},
          std::pair{protocol::KeyType::aes128, 7U}}) {
      Server server;
      give_keys(server);
      const auto datagram = with_mac(request(version), key(known.first, known.second));
      const Answer answer = server.ask(datagram);
      CHECK(answer.outcome == Outcome::authenticated);
      CHECK(server.allocated == 0);
      CHECK(answer.size == datagram.size());
      CHECK(has_mac_of(key(known.first, known.second), server.out));
      CHECK(protocol::parse_header(server.out)->origin.value == 0x0123456789abcdef);
    }
}

TEST_CASE("a MAC that is not that of a key of ours gets no answer, and neither has a crypto-NAK one") {
  Server server;
  give_keys(server);
  const auto dropped = [&](const base::Buffer& datagram) {
    return server.ask(datagram).outcome == Outcome::bad_mac && server.out.empty() && server.allocated == 0;
  };
  CHECK(dropped(with_mac(request(), key(protocol::KeyType::sha1, 99))));
  CHECK(dropped(with_mac(request(), key(protocol::KeyType::md5))));
  auto wrong = with_mac(request(), key(protocol::KeyType::sha1));
  wrong.back() ^= 1U;
  CHECK(dropped(wrong));
  for (const std::size_t tail : {4U, 8U, 20U, 24U}) {
    auto zeros = request();
    zeros.resize(48 + tail);
    CHECK(dropped(zeros));
  }
  server.snapshot.keys = nullptr;
  CHECK(dropped(with_mac(request(), key(protocol::KeyType::sha1))));
}

TEST_CASE("the MAC covers the fields before it, and the answer is no longer than the request") {
  Server server;
  give_keys(server);
  const auto field = with_field(protocol::FieldType::unique_identifier, 32);
  const auto datagram = with_mac(field, key(protocol::KeyType::sha1));
  CHECK(server.ask(datagram).outcome == Outcome::authenticated);
  CHECK(server.out.size() == 72);
  CHECK(has_mac_of(key(protocol::KeyType::sha1), server.out));
  auto moved = datagram;
  moved[60] ^= 1U;
  CHECK(server.ask(moved).outcome == Outcome::bad_mac);
}

TEST_CASE("a kiss to a request with a MAC has one as well, and a wrong MAC gets none") {
  Server server;
  give_keys(server);
  server.limiter = base::RateLimiter({.interval = {10}, .burst = 1, .leak = 0, .kod = 1}, 64, 1);
  server.entropy_.fill(0);
  const auto datagram = with_mac(request(), key(protocol::KeyType::sha1));
  CHECK(server.ask(datagram).outcome == Outcome::authenticated);
  CHECK(server.ask(datagram).outcome == Outcome::kiss_rate);
  CHECK(protocol::parse_header(server.out)->stratum == 0);
  CHECK(has_mac_of(key(protocol::KeyType::sha1), server.out));
  CHECK(server.ask(with_mac(request(), key(protocol::KeyType::md5))).outcome == Outcome::bad_mac);
}

TEST_CASE("an interleaved answer has a MAC where the request has one") {
  Server server;
  give_keys(server);
  TransmitMemory memory(64);
  server.memory = &memory;
  protocol::Header h;
  h.origin = {7};
  h.receive = {8};
  h.transmit = {9};
  const auto shared = key(protocol::KeyType::aes128, 7);
  server.ask(with_mac(octets_of(h), shared));
  const auto first = *protocol::parse_header(server.out);
  h.origin = first.receive;
  const Answer answer = server.ask(with_mac(octets_of(h), shared));
  CHECK(answer.interleaved);
  CHECK(protocol::parse_header(server.out)->transmit == first.transmit);
  CHECK(has_mac_of(shared, server.out));
}

TEST_CASE("a request for a signed answer gives the header to sign, and nothing without Samba") {
  Server server;
  give_keys(server);
  auto datagram = request(3);
  datagram.resize(68);
  datagram[48] = 0x50;
  datagram[49] = 0x04;
  CHECK(server.ask(datagram).outcome == Outcome::bad_mac);
  server.snapshot.signs = true;
  const Answer answer = server.ask(datagram);
  CHECK(answer.outcome == Outcome::to_be_signed);
  CHECK(answer.account.number == 1104);
  CHECK(answer.size == 48);
  CHECK(server.allocated == 0);
  CHECK(protocol::parse_header(server.out)->origin.value == 0x0123456789abcdef);
  server.limiter = base::RateLimiter({.interval = {10}, .burst = 1, .leak = 0, .kod = 1}, 64, 1);
  server.entropy_.fill(0);
  CHECK(server.ask(datagram).outcome == Outcome::to_be_signed);
  CHECK(server.ask(datagram).outcome == Outcome::rate_limited);
}

TEST_CASE("who names a remembered answer gets an interleaved one, without an allocation") {
  Server server;
  TransmitMemory memory(64);
  server.memory = &memory;
  protocol::Header h;
  h.origin = {7};
  h.receive = {8};
  h.transmit = {9};
  CHECK_FALSE(server.ask(octets_of(h)).interleaved);
  const auto first = *protocol::parse_header(server.out);
  CHECK(first.origin.value == 9);
  h.origin = first.receive;
  server.received += 1s;
  const Answer answer = server.ask(octets_of(h));
  CHECK(server.allocated == 0);
  const auto second = *protocol::parse_header(server.out);
  CHECK(second.origin.value == 8);
  CHECK(second.receive == base::to_ntp(server.received));
  CHECK(second.transmit == first.transmit);
  CHECK(answer.interleaved == second.receive);
  server.memory = nullptr;
  CHECK_FALSE(server.ask(octets_of(h)).interleaved);
  CHECK(protocol::parse_header(server.out)->origin.value == 9);
}

TEST_CASE("two requests that come in one instant are told different times, neither backwards") {
  Server server;
  TransmitMemory memory(64);
  server.memory = &memory;
  protocol::Header h;
  h.origin = {7};
  h.receive = {8};
  h.transmit = {9};
  server.ask(octets_of(h));
  const auto first = *protocol::parse_header(server.out);
  server.ask(octets_of(h));
  const auto second = *protocol::parse_header(server.out);
  CHECK(first.receive != second.receive);
  CHECK((second.transmit - second.receive).value >= 0);
}

TEST_CASE("a packet of NTPv1 has no mode: it is a request unless it is from NTP's own port") {
  Server server;
  CHECK(server.ask(request(1, protocol::Mode::reserved)).outcome == Outcome::answered);
  const auto answer = protocol::parse_header(server.out);
  REQUIRE(answer);
  CHECK(answer->mode == protocol::Mode::server);
  CHECK(answer->version == 1);
  CHECK(server.ask(request(2, protocol::Mode::reserved)).outcome == Outcome::not_a_request);
  server.port = 123;
  CHECK(server.ask(request(1, protocol::Mode::reserved)).outcome == Outcome::not_a_request);
  CHECK(server.ask(request(1)).outcome == Outcome::answered);
}

TEST_CASE("nothing is remembered of who is not answered with the time") {
  Server server;
  TransmitMemory memory(64);
  server.memory = &memory;
  protocol::Header h;
  h.origin = {7};
  h.receive = {8};
  h.transmit = {9};
  server.limiter = base::RateLimiter({.interval = {10}, .burst = 1, .leak = 0, .kod = 0}, 64, 1);
  CHECK(server.ask(octets_of(h)).outcome == Outcome::answered);
  CHECK(server.ask(octets_of(h)).outcome == Outcome::rate_limited);
  server.client = address("198.51.100.1");
  CHECK(server.ask(octets_of(h)).outcome == Outcome::denied);
  CHECK(memory.extent().answers == 1);
}

TEST_CASE("requests of clients are counted, those above the limit as drops; who is denied is none") {
  Server server;
  server.limiter = base::RateLimiter({.interval = {10}, .burst = 1, .leak = 0, .kod = 0}, 64, 1);
  CHECK(server.ask(request()).outcome == Outcome::answered);
  CHECK(server.ask(request()).outcome == Outcome::rate_limited);
  CHECK(server.ask(request(4, protocol::Mode::server)).outcome == Outcome::not_a_request);
  server.client = address("198.51.100.1");
  CHECK(server.ask(request()).outcome == Outcome::denied);
  const auto clients = server.log.page({.most = 8}, base::MonoTime{1s}).clients;
  REQUIRE(clients.size() == 1);
  CHECK(clients[0].address == address("192.0.2.9"));
  CHECK(clients[0].ntp.hits == 2);
  CHECK(clients[0].ntp.drops == 1);
}

TEST_CASE("too many requests are dropped or kissed") {
  Server server;
  config::RateLimit limit;
  limit.burst = 2;
  limit.leak = 0;
  server.limiter = base::RateLimiter(limit, 64, 1);
  CHECK(server.ask(request()).outcome == Outcome::answered);
  CHECK(server.ask(request()).outcome == Outcome::answered);
  CHECK(server.ask(request()).outcome == Outcome::rate_limited);
  limit.kod = 1;
  server.limiter = base::RateLimiter(limit, 64, 1);
  server.entropy_.fill(0);
  static_cast<void>(server.ask(request()));
  static_cast<void>(server.ask(request()));
  CHECK(server.ask(request()).outcome == Outcome::kiss_rate);
  const auto h = *protocol::parse_header(server.out);
  CHECK(h.stratum == 0);
  CHECK(h.reference_id == base::reference_id("RATE"));
  CHECK(h.origin.value == 0x0123456789abcdef);
}

}  // namespace gnomon::testing
