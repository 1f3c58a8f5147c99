// SPDX-License-Identifier: GPL-2.0-or-later
// One request of a probe, and what a datagram is to it (RFC 5905 section 8, RFC 8915 section 5.7, RFC 9769).
// No I/O, no entropy: random octets come in as arguments.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>

#include "base/bytes.hpp"
#include "base/ntp_time.hpp"
#include "ipc/probe_messages.hpp"
#include "protocol/crypto/aead.hpp"
#include "protocol/nts/protection.hpp"
#include "protocol/nts/session.hpp"

namespace gnomon::probe {

struct ProbeEntropy {
  std::uint64_t transmit = 0;
  std::uint64_t receive = 0;
  protocol::UniqueIdentifier identifier{};
  protocol::NonceEntropy nonce{};
};

struct ProbeRequest {
  protocol::Header header;
  bool nts = false;
  protocol::UniqueIdentifier identifier{};
  base::Buffer datagram;
};

enum class DatagramKind : std::uint8_t {
  malformed,
  of_another,   // not for this request
  unauthentic,  // for this request, but not by who has the keys
  answer,
  kiss,
  nak
};
struct Judged {
  DatagramKind kind = DatagramKind::malformed;
  protocol::Header header{};
  bool interleaved = false;
  std::uint8_t cookies = 0;
};

// Remembers the keys, the cookies, and what an interleaved request refers to.
class Prober {
 public:
  void use(protocol::NtsSession session);
  // nullopt: no keys or no cookie, or the cookie is too long for so many placeholders.
  [[nodiscard]] std::optional<ProbeRequest> make(const ipc::ProbeExchange& wanted,
                                                 const ProbeEntropy& entropy);
  // Takes the cookies of a good answer. After a NTSN the other keys are tried, if there are others.
  [[nodiscard]] Judged judge(base::Bytes datagram, const ProbeRequest& request);

 private:
  void use_keys(const protocol::SessionKeys& keys);
  [[nodiscard]] Judged judge_protected(const protocol::Packet& packet, base::Bytes datagram,
                                       const ProbeRequest& request);

  protocol::NtsSession session_;
  std::optional<protocol::Aead> c2s_;
  std::optional<protocol::Aead> s2c_;
  std::deque<base::Buffer> cookies_;
  base::NtpTimestamp last_receive_;  // of the server's last answer
};

[[nodiscard]] ipc::SeenHeader as_seen(const protocol::Header& header);

}  // namespace gnomon::probe
