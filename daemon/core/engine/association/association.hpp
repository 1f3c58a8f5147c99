// SPDX-License-Identifier: GPL-2.0-or-later
// One NTP source seen from the client (RFC 5905 sections 9 and 13, RFC 8915 section 5.7): what to do next,
// given what has happened. Sans-IO: a source task carries the actions out and feeds the outcomes back.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/association/nts_memory.hpp"
#include "daemon/core/engine/association/request_spacing.hpp"
#include "daemon/core/engine/values/certificate_dates.hpp"
#include "daemon/core/engine/values/note.hpp"
#include "daemon/core/engine/values/poll_advice.hpp"
#include "daemon/core/engine/values/reports.hpp"
#include "daemon/core/engine/values/sample.hpp"
#include "protocol/nts/session.hpp"

namespace gnomon::engine {

// --- what to do. Exactly one action is under way at a time.
struct Wait {  // do nothing until then (or until prodded)
  base::MonoTime until;
  friend bool operator==(const Wait&, const Wait&) = default;
};
struct Resolve {
  std::string name;
  base::AddressFamily family = base::AddressFamily::unspecified;
  friend bool operator==(const Resolve&, const Resolve&) = default;
};
struct LoadKept {  // look up what was kept of this NTS-KE server
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
struct Exchange {  // send from a fresh random port and hand in each answer that comes to it until `give_up`
  base::Endpoint to;
  base::Buffer request;
  base::MonoTime give_up;
  friend bool operator==(const Exchange&, const Exchange&) = default;
};
struct Listen {  // the last answer did not count: go on listening on the same socket
  base::MonoTime give_up;
  friend bool operator==(const Listen&, const Listen&) = default;
};
struct Finish {
  friend bool operator==(const Finish&, const Finish&) = default;
};  // this source is done (one-shot) or removed
using Action = std::variant<Wait, Resolve, LoadKept, Establish, Exchange, Listen, Finish>;
// One line for logs and failing tests: "exchange with 192.0.2.1:123, 48 octets".
[[nodiscard]] std::string to_string(const Action& action);

// --- what has happened
struct Started {};
struct Woken {};  // the Wait is over
enum class NameFailure : std::uint8_t {
  no_such_name,  // or no address of the family wanted
  no_answer,     // of the name servers
  not_possible,  // the system's resolver could not even ask
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
  bool ours = false;  // our own server gave it
};
struct Silence {  // nothing (more) came until give_up, or the request could not be sent
  bool send_failed = false;
};
enum class InterruptKind : std::uint8_t {
  go_online,
  go_offline,
  burst,
  clock_stepped,
  network_changed,
  advised,  // the next exchange is due earlier than was said: see advise()
  refresh,
  time_known,  // better than before: what hangs on dates of certificates is to be checked again
  remove
};
struct Interrupt {  // from outside, at any time; the action under way has been cancelled
  InterruptKind kind{};
  int good = 4;   // burst: so many good measurements
  int total = 8;  // of at most so many exchanges
};
using Event =
    std::variant<Started, Woken, Resolved, Kept, Established, EstablishFailed, Received, Silence, Interrupt>;

// Random octets for one step, from the operating system's generator.
using StepEntropy = std::array<std::uint8_t, 96>;

// How those who follow us know us.
struct OwnClock {
  bool serves = true;                              // false: nobody can follow us
  std::uint8_t stratum = 16;                       // as served
  std::vector<base::ReferenceId> reference_ids{};  // of our addresses but those of loopback; sorted
  friend bool operator==(const OwnClock&, const OwnClock&) = default;
};

// What the rest of the engine knows that an association must know.
struct EngineContext {
  base::Seconds clock_precision{1e-7};
  base::Ppm max_clock_error{1};
  bool ignore_certificate_dates = false;  // nocerttimecheck still in force
  CertificateDates dates{};               // how else dates of certificates are checked
  bool remembers = false;                 // cookies are kept over a restart
  bool one_shot = false;  // -q, -Q: exchanges follow each other without a pause, no pause after the KE
  std::vector<std::uint16_t> aeads;  // ntsaeads
  base::Seconds nts_refresh{2419200};
  base::AddressFamily family = base::AddressFamily::unspecified;
  base::Seconds name_refresh{1209600};  // refresh: names are resolved again after that long; 0: never
  OwnClock own{};
  std::vector<base::IpAddress> taken{};  // addresses other associations use: not chosen from a resolved list
  friend bool operator==(const EngineContext&, const EngineContext&) = default;
};

struct Step {
  Action action;
  std::optional<Sample> sample;  // a good measurement
  std::vector<Note> notes;
  std::optional<NtsMemory> memory{};  // to be kept from now on
  bool reachability_changed = false;  // reach went to or from zero
  bool loop_begins = false;           // what was measured of this source is not to be followed any more
};

class Association {
 public:
  // `address`: known already (a literal, or one of a pool's), else unspecified and resolved by name first.
  Association(base::SourceId id, const config::Source& source, const base::IpAddress& address,
              const EngineContext& around);
  ~Association();
  Association(Association&&) noexcept;
  Association& operator=(Association&&) noexcept;

  // Its questions keep their distance from those of all that share it. It outlives the association.
  void share(RequestSpacing& spacing);
  [[nodiscard]] Step resume(const Event& event, const base::Now& now, const StepEntropy& entropy);
  // True: the next exchange is due earlier now than the action in hand says, so that a prod should follow.
  bool advise(PollAdvice advice);
  void set_context(const EngineContext& around);
  // Options changed by command: poll limits, delay limits, minstratum, polltarget. Name and kind stay.
  void reconfigure(const config::Source& source);
  // What was known of the source when the daemon stopped (dump file).
  void restore(std::uint8_t reach, std::uint8_t stratum);
  // What is to be kept over a restart; leaving: no cookie will be used any more. nullopt: nothing to say.
  [[nodiscard]] std::optional<NtsMemory> memory(const base::Now& now, bool leaving);

  // Whether its keys, or the lack of them, are a matter of dates of certificates.
  [[nodiscard]] bool depends_on_cert_dates() const;

  [[nodiscard]] base::SourceId id() const;
  [[nodiscard]] const config::Source& source() const;
  [[nodiscard]] const base::IpAddress& address() const;  // unspecified while unresolved
  [[nodiscard]] AssociationReport report(const base::Now& now) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gnomon::engine
