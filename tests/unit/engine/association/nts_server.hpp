// SPDX-License-Identifier: GPL-2.0-or-later
// An NTS server of our own making for tests of associations: keys, cookies and protected answers.
#pragma once

#include <memory>
#include <utility>

#include "daemon/core/engine/serving/responder.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/association/script.hpp"

namespace gnomon::testing {

inline config::Source nts_source() {
  config::Source source;
  source.name = "192.0.2.1";
  source.nts = true;
  return source;
}

// A server of our own making: protocol/ for the keys, the responder for the answers.
struct NtsServer {
  NtsServer() { renew(1); }

  void renew(std::uint8_t first) {
    base::Buffer entropy(128);
    for (std::size_t i = 0; i < entropy.size(); ++i) entropy[i] = static_cast<std::uint8_t>(i * 7 + first);
    snapshot.sealer = std::make_shared<protocol::CookieSealer>(protocol::make_key_set(entropy));
    snapshot.access = base::AccessTable({{true, {}, true}});
    snapshot.view.stratum = 2;
    snapshot.view.leap = base::LeapIndicator::none;
    snapshot.view.root_delay = snapshot.view.root_dispersion = base::Seconds{0.001};
  }

  static protocol::SessionKeys keys(protocol::AeadId aead, std::uint8_t fill) {
    const std::size_t size = protocol::traits(aead).key_size;
    const base::Buffer c2s(size, fill);
    const base::Buffer s2c(size, static_cast<std::uint8_t>(fill + 1));
    return {aead, base::Secret(c2s), base::Secret(s2c)};
  }

  protocol::NtsSession session(protocol::AeadId aead = protocol::AeadId::aes_siv_cmac_256,
                               std::size_t cookies = 8, std::uint8_t fill = 3) {
    protocol::NtsSession s;
    s.keys = keys(aead, fill);
    for (std::size_t i = 0; i < cookies; ++i) s.cookies.push_back(cookie(s.keys));
    return s;
  }
  base::Buffer cookie(const protocol::SessionKeys& k) {
    base::Buffer octets(snapshot.sealer->cookie_size(k.aead));
    protocol::NonceEntropy nonce{};
    for (auto& octet : nonce) octet = random();
    REQUIRE(snapshot.sealer->seal(k, nonce, octets));
    return octets;
  }
  std::uint8_t random() {
    seed = seed * 1103515245U + 12345U;
    return static_cast<std::uint8_t>(seed >> 16U);
  }
  base::Buffer answer(base::Bytes request, base::RealTime received) {
    snapshot.view.dispersion_time = snapshot.view.reference_time = received - 1s;
    base::Buffer out(request.size());
    engine::AnswerEntropy entropy{};
    for (auto& octet : entropy) octet = random();
    const engine::Answer a =
        respond(snapshot, {}, {request, address("192.0.2.200"), received, received, {}}, entropy, out);
    outcome = a.outcome;
    out.resize(a.size);
    return out;
  }

  engine::ServerSnapshot snapshot;
  std::uint32_t seed = 1;
  engine::Outcome outcome = engine::Outcome::malformed;
};

inline engine::Step established(Script& script, protocol::NtsSession session) {
  return script.play(engine::Established{std::move(session)});
}

inline engine::Step answer(Script& script, NtsServer& server, const engine::Action& action) {
  const auto& exchange = std::get<engine::Exchange>(action);
  const auto datagram = server.answer(exchange.request, script.now.real + 5ms);
  return script.play(script.reply(datagram, exchange));
}

inline base::Buffer cookie_in(const engine::Action& action) {
  const auto& request = std::get<engine::Exchange>(action).request;
  const auto packet = protocol::parse(request);
  const auto nts = protocol::read_nts_request(*packet, request);
  REQUIRE(nts);
  return {nts->cookie.begin(), nts->cookie.end()};
}

}  // namespace gnomon::testing
