// SPDX-License-Identifier: GPL-2.0-or-later
// A server to be asked, and what it is asked.
#pragma once

#include "daemon/core/engine/serving/responder.hpp"
#include "protocol/mac/packet_mac.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/association/script.hpp"

namespace gnomon::testing {

using namespace engine;

inline std::size_t allocations = 0;  // of the whole test binary

struct Server {
  Server() {
    base::Buffer entropy(128);
    for (std::size_t i = 0; i < entropy.size(); ++i) entropy[i] = static_cast<std::uint8_t>(i * 5 + 1);
    snapshot.sealer = std::make_shared<protocol::CookieSealer>(protocol::make_key_set(entropy));
    snapshot.access = base::AccessTable({{true, {address("192.0.2.0"), 24}, false}});
    snapshot.view.leap = base::LeapIndicator::insert;
    snapshot.view.stratum = 2;
    snapshot.view.root_delay = base::Seconds{0.5};
    snapshot.view.root_dispersion = base::Seconds{0.25};
    snapshot.view.dispersion_rate = 1e-3;
    snapshot.view.dispersion_time = received - 250s;
    snapshot.view.reference_id = {0x0a000001};
    snapshot.view.reference_time = received - 300s;
    for (std::size_t i = 0; i < entropy_.size(); ++i) entropy_[i] = static_cast<std::uint8_t>(i);
  }
  Answer ask(base::Bytes request) {
    out.assign(std::max<std::size_t>(request.size(), 1), 0xaa);
    const Request r{request, client, received, received + 20us, base::MonoTime{1s}, network, port};
    const std::size_t before = allocations;
    const Answer answer =
        respond(snapshot, {.limiter = &limiter, .answers = memory, .clients = &log}, r, entropy_, out);
    allocated = allocations - before;
    out.resize(answer.size);
    return answer;
  }

  ServerSnapshot snapshot;
  base::RateLimiter limiter;
  TransmitMemory* memory = nullptr;
  std::optional<base::Seconds> network;
  ClientLog log{64, 1};
  base::IpAddress client = address("192.0.2.9");
  std::uint16_t port = 50000;
  base::RealTime received{1'800'000'000s};
  AnswerEntropy entropy_{};
  base::Buffer out;
  std::size_t allocated = 0;
};

inline base::Buffer request(std::uint8_t version = 4, protocol::Mode mode = protocol::Mode::client) {
  protocol::Header h;
  h.version = version;
  h.mode = mode;
  h.poll = 7;
  h.transmit = {0x0123456789abcdef};
  return octets_of(h);
}

inline protocol::SymmetricKey key(protocol::KeyType type, std::uint32_t id = 5) {
  return {id, type, protocol::KeyOctets{base::Buffer(type == protocol::KeyType::aes256 ? 32 : 16, 0x21)}};
}

inline base::Buffer with_mac(base::Buffer datagram, const protocol::SymmetricKey& of) {
  const auto size = datagram.size();
  const auto version = protocol::parse_header(datagram)->version;
  datagram.resize(size + protocol::max_mac_size);
  datagram.resize(protocol::append_mac(of, version, size, datagram));
  return datagram;
}

inline void give_keys(Server& server) {
  protocol::SymmetricKeys keys;
  keys.add(key(protocol::KeyType::sha1));
  keys.add(key(protocol::KeyType::sha512, 6));
  keys.add(key(protocol::KeyType::aes128, 7));
  server.snapshot.keys = std::make_shared<const protocol::SymmetricKeys>(std::move(keys));
}

inline bool has_mac_of(const protocol::SymmetricKey& of, const base::Buffer& answer) {
  const auto packet = protocol::parse(answer);
  return packet && protocol::is_mac_of(of, *packet, answer);
}

}  // namespace gnomon::testing
