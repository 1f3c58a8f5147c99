// SPDX-License-Identifier: GPL-2.0-or-later
// gnomonctl and the roles that it starts for the command `probe`: gnomon-ntske shows a server's key exchange,
// gnomon-probe sends it one request at a time. No daemon has these channels, so nothing that was not verified
// can come to a core. gnomonctl stands where the core does otherwise.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/ntp_time.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "ipc/certificate_messages.hpp"
#include "ipc/frame.hpp"
#include "ipc/ntske_messages.hpp"
#include "protocol/nts/session.hpp"

namespace gnomon::ipc {

// --- gnomonctl -> gnomon-ntske. The session goes on where a client would end it: what is wrong with the
// certificate is told beside the rest.
struct Inspect {
  static constexpr auto type = MessageType::inspect;
  Establish session;
};

// How far a session came.
enum class KePhase : std::uint8_t { connecting, handshake, waiting, finished };

struct SeenCertificate {
  static constexpr std::size_t longest_name = 120;
  std::string subject;  // for people, printable
  std::string issuer;
  KeyKind key = KeyKind::other;
  std::uint16_t key_bits = 0;
  base::RealTime not_before;  // the begin of 1970: not known
  base::RealTime not_after;   // base::RealTime::max(): never
  std::array<std::uint8_t, 32> fingerprint{};
  friend bool operator==(const SeenCertificate&, const SeenCertificate&) = default;
};

// --- gnomon-ntske -> gnomonctl
struct Inspected {
  static constexpr auto type = MessageType::inspected;
  static constexpr std::size_t most_certificates = 6;
  static constexpr std::size_t most_names = 10;
  static constexpr std::size_t longest_word = 48;
  KePhase phase{};
  // Since the beginning; 0: not reached. At most an hour.
  base::Duration connected{};
  base::Duration shaken{};
  base::Duration finished{};
  std::string tls_version;  // "TLSv1.3"; empty: no handshake
  std::string cipher;
  std::string group;
  std::vector<SeenCertificate> chain;  // the server's own first
  std::uint16_t further_certificates = 0;
  std::vector<std::string> names;  // alternative names of the server's own, DNS names and addresses
  std::uint16_t further_names = 0;
  bool name_fits = false;                      // one of all names is the server's
  bool trusted = false;                        // the chain leads to a trusted authority, dates aside
  std::string distrust;                        // why not, printable
  std::optional<protocol::KeFailure> failure;  // of the session; certificates are none
  std::optional<protocol::NtsSession> session;
};

// --- gnomonctl -> gnomon-probe: for the requests with NTS from now on
struct ProbeKeys {
  static constexpr auto type = MessageType::probe_keys;
  protocol::NtsSession session;
};

enum class ProbeForm : std::uint8_t {
  plain,   // a header alone
  padded,  // one extension field after it
  nts
};
enum class ProbePort : std::uint8_t {
  any,    // the kernel's choice
  given,  // of the socket that came with the start
  same    // as that of the request before, which went to the same server
};
inline constexpr std::uint16_t least_padded_size =
    76;  // header and the shortest field without a MAC after it
inline constexpr std::uint16_t most_padded_size = 1480;
inline constexpr std::uint8_t most_probe_placeholders = 7;
inline constexpr base::Duration longest_probe_wait = std::chrono::seconds{10};
struct ProbeExchange {
  static constexpr auto type = MessageType::probe_exchange;
  base::Endpoint server;
  ProbeForm form{};
  ProbePort port{};
  std::uint8_t version = 4;                // 1..4
  std::uint16_t size = least_padded_size;  // of the datagram where it is padded, a multiple of 4
  std::uint8_t placeholders = 0;           // with NTS
  bool interleaved = false;                // wanted; the answer before is the one that is referred to
  base::Duration wait = std::chrono::seconds{1};
};

enum class ProbeOutcome : std::uint8_t {
  answered,
  kiss,         // a kiss-o'-death: stratum 0 and a code
  nak,          // NTSN
  silent,       // nothing that was an answer
  refused,      // nobody has the port
  unreachable,  // `error` of the network
  impossible    // `error` here; 0: no cookie is left, it is too long, or no socket was given
};
// Of the answer, as it came.
struct SeenHeader {
  base::LeapIndicator leap{};
  std::uint8_t version = 0;
  std::uint8_t stratum = 0;
  std::int8_t poll = 0;
  std::int8_t precision = 0;
  base::ShortDuration root_delay;
  base::ShortDuration root_dispersion;
  base::ReferenceId reference_id;
  base::NtpTimestamp reference;
  base::NtpTimestamp receive;
  base::NtpTimestamp transmit;
  friend bool operator==(const SeenHeader&, const SeenHeader&) = default;
};
struct ProbeAnswer {
  static constexpr auto type = MessageType::probe_answer;
  ProbeOutcome outcome{};
  std::uint32_t error = 0;  // errno
  std::uint16_t sent_size = 0;
  std::uint16_t received_size = 0;
  // What came from there besides and was no answer to this request.
  std::uint16_t malformed = 0;
  std::uint16_t of_others = 0;    // of another origin: made up, late or twice there
  std::uint16_t unauthentic = 0;  // with NTS: not by who has the keys
  base::RealTime sent;            // by this machine's clock
  base::RealTime received;
  bool interleaved = false;
  std::uint8_t cookies = 0;  // that came
  std::optional<SeenHeader> header{};
};

inline constexpr std::uint8_t most_probe_burst = 16;
// Plain requests, one every `spacing`; answers may come until `wait` after the last.
struct ProbeBurst {
  static constexpr auto type = MessageType::probe_burst;
  base::Endpoint server;
  std::uint8_t count = 8;  // 1..most_probe_burst
  base::Duration spacing = std::chrono::milliseconds{20};
  base::Duration wait = std::chrono::seconds{1};
};
struct ProbeBurstAnswer {
  static constexpr auto type = MessageType::probe_burst_answer;
  std::uint8_t sent = 0;
  std::uint8_t answered = 0;
  std::uint8_t kisses = 0;
  base::ReferenceId code;  // of the last kiss
};

}  // namespace gnomon::ipc
