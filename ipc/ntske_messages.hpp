// SPDX-License-Identifier: GPL-2.0-or-later
// Core and NTS-KE roles. The server role asks for sealed cookies and never sees a master key; the client role
// gets one command per session and returns keys and cookies.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/access.hpp"
#include "base/address.hpp"
#include "base/time.hpp"
#include "ipc/frame.hpp"
#include "protocol/nts/session.hpp"

namespace gnomon::ipc {

// --- server role -> core
struct SealCookies {
  static constexpr auto type = MessageType::seal_cookies;
  base::Endpoint client;
  protocol::SessionKeys keys;
  std::uint8_t count = 8;  // 1..8
};
struct SealedCookies {  // core -> server role
  static constexpr auto type = MessageType::sealed_cookies;
  std::vector<base::Buffer> cookies;  // 1..8, each up to 256 octets
};
struct SealRefused {  // core -> server role; the session ends with Error 2
  static constexpr auto type = MessageType::seal_refused;
};
enum class SessionEnd : std::uint8_t {
  served,
  denied_address,  // not allowed
  rate_limited,    // by ntsratelimit
  displaced,       // all places were taken and this one's network had the most
  tls_failed,
  no_alpn,  // no ntske/1
  bad_request,
  timeout,  // not served within 2 s
  closed,   // by the client, unserved
  internal  // we could not, Error 2
};
struct EndedSessions {
  base::Endpoint client;  // the last one of them; an address that is not specified: of many
  SessionEnd how{};
  std::uint32_t count = 1;
};
struct SessionsEnded {  // event, for serverstats and the client log; every accepted connection is in one
  static constexpr auto type = MessageType::sessions_ended;
  static constexpr std::size_t most = 255;
  std::vector<EndedSessions> sessions;  // 1..most
};

struct HostAddresses {  // core -> server role: who a host in its access rules is
  static constexpr auto type = MessageType::host_addresses;
  std::string host;                        // 1..255 characters
  std::vector<base::IpAddress> addresses;  // 1..max_resolved_addresses
};

struct AddAccessRule {  // core -> server role: `allow` or `deny` at run time
  static constexpr auto type = MessageType::add_access_rule;
  base::AccessRule rule;  // without a host
};

// --- core -> client role
struct Establish {
  static constexpr auto type = MessageType::establish;
  std::string name;       // certificate and SNI name, or the literal address; 1..255 characters
  base::Endpoint server;  // where to connect
  std::uint32_t cert_set = 0;
  std::vector<std::uint16_t> aeads;  // preference order, 1..8
  protocol::DateCheck date_check = protocol::DateCheck::strict;
  base::RealTime verification_time;  // the core's idea of now, for certificate dates
};
struct Established {  // client role -> core
  static constexpr auto type = MessageType::established;
  protocol::NtsSession session;
};
struct EstablishFailed {
  static constexpr auto type = MessageType::establish_failed;
  protocol::KeFailure failure;
};

}  // namespace gnomon::ipc
