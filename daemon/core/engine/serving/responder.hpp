// SPDX-License-Identifier: GPL-2.0-or-later
// The server half as a pure function: one request in, at most one answer out, never longer than the request.
// Called per packet by every worker: no lock, no allocation.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/access.hpp"
#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/rate_limiter.hpp"
#include "base/time.hpp"
#include "daemon/core/engine/serving/client_log.hpp"
#include "daemon/core/engine/serving/transmit_memory.hpp"
#include "daemon/core/engine/values/nic_table.hpp"
#include "daemon/core/engine/values/server_view.hpp"
#include "protocol/mac/signd.hpp"
#include "protocol/mac/symmetric_keys.hpp"
#include "protocol/nts/cookie.hpp"

namespace gnomon::engine {

// Everything an answer depends on; replaced whole, never changed. Shared by all workers.
struct ServerSnapshot {
  ServerView view;
  base::AccessTable access;
  std::shared_ptr<const protocol::CookieSealer> sealer;   // null: no NTS, protected requests are dropped
  std::shared_ptr<const protocol::SymmetricKeys> keys{};  // null: none, requests with a MAC are dropped
  std::shared_ptr<const NicTable> nics{};                 // null: no network card timestamps
  std::shared_ptr<base::RateLimiter> limiter{};           // in place of the memory's; null: that one counts
  bool signs = false;  // answers are signed for accounts of a domain (protocol/mac/signd.hpp)
};

inline constexpr std::uint16_t ntp_port = 123;

struct Request {
  base::Bytes datagram;
  base::IpAddress client;
  base::RealTime received;
  base::RealTime transmit;  // the best guess of when the answer will leave
  base::MonoTime mono;
  // Over PTP: how long the request was on its way in transparent clocks and on the last wire; 0: that was not
  // measured. nullopt: not over PTP.
  std::optional<base::Seconds> network{};
  // The client's port. A packet of NTPv1 has no mode: from NTP's own it is no request.
  std::uint16_t port = ntp_port;
};

enum class Outcome : std::uint8_t {
  answered,       // plain
  authenticated,  // NTS, or with a MAC
  to_be_signed,   // the header is in `out`, and not to be sent like that
  nak,            // NTSN
  kiss_rate,      // RATE
  // dropped:
  denied,
  malformed,
  not_a_request,
  rate_limited,
  nts_unavailable,
  bad_mac,  // not that of a key of ours; like chronyd, no crypto-NAK
  too_small
};
[[nodiscard]] constexpr bool is_answer(Outcome outcome) {
  return outcome <= Outcome::kiss_rate;
}

struct Answer {
  Outcome outcome = Outcome::malformed;
  std::size_t size = 0;  // octets written to `out`, 0 when dropped
  // Of an interleaved answer its receive timestamp, by which the client will ask when it left.
  std::optional<base::NtpTimestamp> interleaved{};
  protocol::SigningAccount account{};  // whose key is to sign it
  std::size_t entropy = 0;             // octets that may not be used again, the first ones
};

// 16 octets for the answer's nonce, 16 for each of at most eight cookies.
using AnswerEntropy = std::array<std::uint8_t, std::size_t{16} * 9>;
// One, or as much of a larger supply.
using EntropyView = std::span<const std::uint8_t, std::tuple_size_v<AnswerEntropy>>;
// The last so many are the rate limiter's dice.
inline constexpr std::size_t dice_size = 4;

// What is remembered of earlier requests, the same for all workers.
struct ServerMemory {
  base::RateLimiter* limiter = nullptr;  // null: no limit
  TransmitMemory* answers = nullptr;     // null: no interleaved mode
  ClientLog* clients = nullptr;          // null: nobody is counted
};

// Null: no limit.
[[nodiscard]] inline base::RateLimiter* limiter_of(const ServerSnapshot& snapshot,
                                                   const ServerMemory& memory) {
  return snapshot.limiter ? snapshot.limiter.get() : memory.limiter;
}

// out: at least as large as the request; must not overlap it.
[[nodiscard]] Answer respond(const ServerSnapshot& snapshot, const ServerMemory& memory,
                             const Request& request, EntropyView entropy, base::MutableBytes out);

}  // namespace gnomon::engine
