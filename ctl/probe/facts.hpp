// SPDX-License-Identifier: GPL-2.0-or-later
// What a probe saw of a server. Values; the survey fills them in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"
#include "ctl/probe/options.hpp"
#include "ipc/probe_messages.hpp"
#include "ipc/resolve_messages.hpp"

namespace gnomon::ctl::probe {

struct Aead {
  std::uint16_t number = 0;
  bool supported = false;
};

struct KeyExchange {
  ipc::Inspected seen;
  std::vector<Aead> aeads;     // asked for one by one; empty: not asked
  base::Endpoint ntp;          // where its cookies are for
  bool elsewhere = false;      // another address than that of the key exchange
  std::string_view refused{};  // why nobody goes there: a clause of a literal; empty: it can be a server
};

// One size of datagram, and what came of it.
struct Size {
  std::uint16_t sent = 0;  // octets
  std::uint16_t received = 0;
  std::uint8_t cookies = 0;  // that came
  ipc::ProbeOutcome outcome{};
};

struct Sample {
  base::Seconds offset;  // positive: the server's clock is ahead of ours
  base::Seconds delay;
};

enum class Tried : std::uint8_t { no, yes, failed };

// NTP with one address and port, protected or not.
struct Exchanges {
  base::Endpoint server;
  unsigned sent = 0;
  unsigned answered = 0;
  unsigned first_sent = 0;  // of the same, those that measured, before anything was tried
  unsigned first_answered = 0;
  ipc::ProbeOutcome first{};  // of the first requests, where none was answered
  std::uint32_t error = 0;    // errno
  std::vector<Sample> samples;
  std::optional<ipc::SeenHeader> header;  // of the last answer
  std::optional<base::ReferenceId> kiss;  // the last one, outside of the burst
  std::vector<Size> sizes;                // with extension fields, in growing order
  bool fell_silent = false;               // answers ceased, those to plain requests too
  bool recovered = false;                 // and came again after a pause
  std::uint32_t malformed = 0;            // packets that were no answers
  std::uint32_t of_others = 0;
  std::uint32_t unauthentic = 0;
};

struct AtAddress {
  base::IpAddress address;
  std::optional<KeyExchange> key_exchange;
  Exchanges plain;
  std::optional<Exchanges> nts;
  Tried version_3 = Tried::no;
  Tried interleaved = Tried::no;
  Tried given_port = Tried::no;
  std::uint32_t given_port_error = 0;  // errno: it could not be bound
  std::optional<ipc::ProbeBurstAnswer> burst;
};

// Our own clock, as the kernel knows it.
struct OwnClock {
  bool synchronised = false;
  base::Seconds max_error{};
};

enum class Ended : std::uint8_t { complete, interrupted, out_of_time, no_helper };

struct Facts {
  std::vector<AtAddress> addresses;
  std::size_t further_addresses = 0;  // that were not probed
  std::optional<ipc::ResolveError> lookup_error;
  base::Duration lookup_time{};
  OwnClock own_clock;
  base::RealTime begun;
  Ended ended = Ended::complete;
};

}  // namespace gnomon::ctl::probe
