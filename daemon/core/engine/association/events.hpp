// SPDX-License-Identifier: GPL-2.0-or-later
// What can happen to an association: how its actions ended, and what comes from outside. Values that a source
// task feeds to it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "daemon/core/engine/association/nts_memory.hpp"
#include "daemon/core/engine/values/sample.hpp"
#include "protocol/nts/session.hpp"

namespace gnomon::engine {

struct Started {};
struct Woken {};  // the Wait is over
enum class NameFailure : std::uint8_t {
  no_such_name,  // or no address of the family wanted
  no_answer,     // of the name servers
  not_possible,  // the system's resolver could not even ask
  impossible,    // each of its addresses is one that no server can have
  all_taken,     // each of its addresses is another source's
  no_resolver,   // gnomon-resolve is not there, or ends over this name
  no_reply       // of gnomon-resolve, within two minutes
};
[[nodiscard]] std::string_view words(NameFailure failure);
struct Resolved {
  std::vector<base::IpAddress> addresses;  // empty: failed
  NameFailure failure = NameFailure::no_such_name;
};
struct Kept {
  std::optional<protocol::CookieFile> cookies;
  std::optional<KeBackOff> back_off;
};
struct Established {
  protocol::NtsSession session;
};
struct EstablishFailed {
  protocol::KeFailure failure;
};
struct Received {  // one datagram that came to the exchange's socket
  base::Bytes datagram;
  base::Endpoint from;
  base::IpAddress local;
  Stamp sent;         // when our request left
  Stamp received;     // when this arrived
  bool ours = false;  // our own server sent it
};
struct Silence {  // nothing (more) came until give_up, or the request could not be sent
  bool send_failed = false;
};
enum class InterruptKind : std::uint8_t {
  go_online,
  go_offline,
  burst,
  clock_stepped,
  measure_afresh,  // what was measured is of no use any more: asked as often as at the start
  network_changed,
  advised,        // the next exchange is due earlier than was said: see Association::advise()
  refresh,        // the name is resolved again, and another address is taken if it lost the present one
  replace,        // by another address of the name: selection finds the present one wrong
  time_known,     // better than before: what depends on dates of certificates is to be checked again
  trust_changed,  // other authorities are trusted than before
  remove
};
struct Interrupt {  // from outside, at any time; the action under way has been cancelled
  InterruptKind kind{};
  int good = 4;   // burst: so many good measurements
  int total = 8;  // of at most so many exchanges
};
using Event =
    std::variant<Started, Woken, Resolved, Kept, Established, EstablishFailed, Received, Silence, Interrupt>;

}  // namespace gnomon::engine
