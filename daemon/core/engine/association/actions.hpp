// SPDX-License-Identifier: GPL-2.0-or-later
// What an association wants done next. Values that a source task carries out; exactly one is under way at a
// time.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "protocol/nts/session.hpp"

namespace gnomon::engine {

struct Wait {  // do nothing until then (or until interrupted)
  base::MonoTime until;
  friend bool operator==(const Wait&, const Wait&) = default;
};
struct Resolve {
  std::string name;
  base::AddressFamily family = base::AddressFamily::unspecified;
  friend bool operator==(const Resolve&, const Resolve&) = default;
};
struct LoadKept {  // load what was kept of this NTS-KE server
  base::IpAddress ke_server;
  friend bool operator==(const LoadKept&, const LoadKept&) = default;
};
struct Establish {  // run NTS-KE; the addresses have been resolved
  std::string name;
  base::Endpoint server;
  std::uint32_t cert_set = 0;
  std::vector<std::uint16_t> aeads;
  protocol::DateCheck date_check = protocol::DateCheck::strict;
  base::Duration clock_correction{};  // the dates are checked at: system clock + this, or `earliest` if later
  base::RealTime earliest{};
  friend bool operator==(const Establish&, const Establish&) = default;
};
// From where a packet leaves, and where what comes back is listened for.
enum class Port : std::uint8_t {
  fresh,   // a random one (or acquisitionport), for this exchange alone
  server,  // that of our server: a peer knows us by it
  same     // that of the exchange before, which is still listened to
};
struct Exchange {  // send, and hand in each answer that comes until `give_up`
  base::Endpoint to;
  base::Buffer request;
  base::MonoTime give_up;
  Port port = Port::fresh;
  friend bool operator==(const Exchange&, const Exchange&) = default;
};
struct Listen {  // the last datagram was not the answer: keep listening on the same socket
  base::MonoTime give_up;
  friend bool operator==(const Listen&, const Listen&) = default;
};
struct Finish {  // this source is done (one-shot) or removed
  friend bool operator==(const Finish&, const Finish&) = default;
};
using Action = std::variant<Wait, Resolve, LoadKept, Establish, Exchange, Listen, Finish>;

// One line for logs and failing tests: "exchange with 192.0.2.1:123, 48 octets".
[[nodiscard]] std::string to_string(const Action& action);

}  // namespace gnomon::engine
