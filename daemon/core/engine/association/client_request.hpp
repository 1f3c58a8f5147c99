// SPDX-License-Identifier: GPL-2.0-or-later
// One client request and what an answer to it must look like (RFC 5905 section 8, RFC 8915 section 5.7).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/ntp_time.hpp"
#include "base/units.hpp"
#include "daemon/core/engine/association/entropy.hpp"
#include "daemon/core/engine/association/nts_client.hpp"
#include "protocol/mac/symmetric_keys.hpp"
#include "protocol/ntp/extensions.hpp"
#include "protocol/ntp/interleaved.hpp"
#include "protocol/ntp/packet.hpp"
#include "protocol/nts/protection.hpp"

namespace gnomon::engine {

struct ClientRequest {
  protocol::Header header;  // as sent: transmit is random, the real time of sending stays with us
  bool nts = false;
  protocol::UniqueIdentifier identifier{};
  std::shared_ptr<const protocol::SymmetricKey> key{};  // of its MAC; null: it has none
  protocol::Extensions wished{};                        // fields that it has, and the answer is to have
  base::Buffer datagram;
};

// Of packet_test, those that need no memory of what was asked: timestamps, authentic, synchronised and
// root_distance. `authentic`: nobody else can have sent it, or nothing protects it.
[[nodiscard]] std::uint16_t content_tests(const protocol::Header& header, bool authentic);

// Nothing in it tells our clock, our server or our uptime. With NTS it uses up one cookie; the datagram is
// empty when the cookie is too long to be sent. `origin`: the receive timestamp of the server's last answer
// when an interleaved one is wanted (RFC 9769 section 2; it links the two requests, no more), else zero.
// `wished`: extension fields, which version 4 alone has.
[[nodiscard]] ClientRequest make_request(std::uint8_t version, base::PollExponent poll, NtsClient* nts,
                                         base::NtpTimestamp origin, const StepEntropy& entropy,
                                         const protocol::Extensions& wished = {});

// Appends a MAC to a request without NTS; only an answer with a MAC of the same key is one to it then.
void add_mac(ClientRequest& request, std::shared_ptr<const protocol::SymmetricKey> key);

enum class Disposition : std::uint8_t {
  ignored,  // not an answer to this request: as if it had not come
  nak,      // NTSN: unauthenticated, a proper answer may follow
  kiss,     // DENY, RSTR or RATE, proven as far as the mode of authentication proves anything
  answer    // the answer; what its timestamps are worth is for sampling.hpp to say
};

struct ResponseCheck {
  Disposition disposition = Disposition::ignored;
  protocol::Header header;
  protocol::AnswerMode mode = protocol::AnswerMode::basic;
  bool authenticated = false;
  std::vector<base::Buffer> cookies;
  protocol::Extensions extensions{};  // of those that were asked for
  // What the packet says and which of the tests 1 to 7 it passes, whoever sent it: for the log alone.
  // nullopt: it is no NTP packet.
  std::optional<protocol::Header> claimed;
  std::uint16_t tests = 0;
};

// Stateless: one datagram against one request. nts: whose keys protect it; null without NTS.
[[nodiscard]] ResponseCheck check_response(base::Bytes datagram, const ClientRequest& request,
                                           const NtsClient* nts);

// Kiss codes that are acted on (RFC 5905 section 7.4).
namespace kiss {
inline constexpr base::ReferenceId rate = base::reference_id("RATE");
inline constexpr base::ReferenceId deny = base::reference_id("DENY");
inline constexpr base::ReferenceId rstr = base::reference_id("RSTR");
}  // namespace kiss

}  // namespace gnomon::engine
