// SPDX-License-Identifier: GPL-2.0-or-later
// Replies of chrony's control protocol as values, in wire order, and their octets.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/units.hpp"
#include "protocol/cmdmon/codes.hpp"
#include "protocol/cmdmon/fields.hpp"

namespace gnomon::protocol::cmdmon {

inline constexpr std::size_t name_size = 256;
inline constexpr std::size_t most_manual_samples = 16;
inline constexpr std::size_t most_clients = 8;

// Ages are nullopt where something has never happened. chrony's signs: a positive offset is a clock that is
// ahead, a positive frequency one that is fast.
namespace reply {

struct SourceCount {
  std::uint32_t count = 0;
};
enum class SourceState : std::uint16_t {
  selected = 0,
  nonselectable = 1,
  falseticker = 2,
  jittery = 3,
  unselected = 4,  // combined with the selected one
  selectable = 5
};
enum class SourceMode : std::uint16_t { client = 0, peer = 1, reference_clock = 2 };
struct SourceData {
  Address address;  // of a reference clock the reference id, as if it were an IPv4 address
  std::int16_t poll = 0;
  std::uint16_t stratum = 0;
  SourceState state = SourceState::nonselectable;
  SourceMode mode = SourceMode::client;
  std::uint16_t reach = 0;
  std::optional<base::Duration> since_sample;
  base::Seconds measured_offset{};
  base::Seconds adjusted_offset{};
  base::Seconds error{};
};
struct Tracking {
  base::ReferenceId reference_id;
  Address address;
  std::uint16_t stratum = 0;
  base::LeapIndicator leap = base::LeapIndicator::unsynchronised;
  base::RealTime reference_time;
  base::Seconds correction{};  // positive: the system clock is slow
  base::Seconds last_offset{};
  base::Seconds rms_offset{};
  base::Ppm frequency;
  base::Ppm residual_frequency;
  base::Ppm skew;
  base::Seconds root_delay{};
  base::Seconds root_dispersion{};
  base::Seconds update_interval{};
};
struct SourceStats {
  base::ReferenceId reference_id;
  Address address;  // unspecified: a reference clock
  std::uint32_t samples = 0;
  std::uint32_t runs = 0;
  std::uint32_t span_seconds = 0;
  base::Seconds standard_deviation{};
  base::Ppm residual_frequency;
  base::Ppm skew;
  base::Seconds offset{};
  base::Seconds offset_error{};
};
struct Activity {
  std::uint32_t online = 0;
  std::uint32_t offline = 0;
  std::uint32_t burst_online = 0;
  std::uint32_t burst_offline = 0;
  std::uint32_t unresolved = 0;
};
struct RealTimeClock {
  base::RealTime reference;
  std::uint16_t samples = 0;
  std::uint16_t runs = 0;
  std::uint32_t span_seconds = 0;
  base::Seconds fast{};
  base::Ppm gain;
};
struct Smoothing {
  bool active = false;
  bool leap_only = false;
  base::Seconds offset{};
  base::Ppm frequency;
  double wander = 0;  // ppm a second
  base::Seconds last_update{};
  base::Seconds remaining{};
};
// The forms of older versions have the first of these in an order of their own, in 32 bits: they wrap.
struct ServerStats {
  std::uint64_t ntp_hits = 0;
  std::uint64_t ke_hits = 0;
  std::uint64_t command_hits = 0;
  std::uint64_t ntp_drops = 0;
  std::uint64_t ke_drops = 0;
  std::uint64_t command_drops = 0;
  std::uint64_t log_drops = 0;
  std::uint64_t ntp_auth_hits = 0;
  std::uint64_t ntp_interleaved_hits = 0;
  std::uint64_t ntp_timestamps = 0;
  std::uint64_t ntp_span_seconds = 0;
  std::uint64_t daemon_rx = 0;
  std::uint64_t daemon_tx = 0;
  std::uint64_t kernel_rx = 0;
  std::uint64_t kernel_tx = 0;
  std::uint64_t hardware_rx = 0;
  std::uint64_t hardware_tx = 0;
};
struct NtpData {
  Address remote;
  Address local;
  std::uint16_t remote_port = 0;
  base::LeapIndicator leap = base::LeapIndicator::none;
  std::uint8_t version = 0;
  std::uint8_t mode = 0;
  std::uint8_t stratum = 0;
  std::int8_t poll = 0;
  std::int8_t precision = 0;
  base::Seconds root_delay{};
  base::Seconds root_dispersion{};
  base::ReferenceId reference_id;
  base::RealTime reference_time;
  base::Seconds offset{};
  base::Seconds peer_delay{};
  base::Seconds peer_dispersion{};
  base::Seconds response_time{};
  double jitter_asymmetry = 0;
  std::uint16_t tests = 0;  // ten bits, the first test highest
  bool interleaved = false;
  bool authenticated = false;
  char tx_stamp = '\0';  // D, K or H
  char rx_stamp = '\0';
  std::uint32_t total_tx = 0;
  std::uint32_t total_rx = 0;
  std::uint32_t total_valid = 0;
  std::uint32_t total_good = 0;
  std::uint32_t total_kernel_tx = 0;  // from here on not in the form of older versions
  std::uint32_t total_kernel_rx = 0;
  std::uint32_t total_hw_tx = 0;
  std::uint32_t total_hw_rx = 0;
};
struct ManualTimestamp {
  base::Seconds offset{};
  base::Ppm frequency_change;
  base::Ppm frequency;
};
struct ManualSample {
  base::RealTime when;
  base::Seconds slewed{};
  base::Seconds original{};
  base::Seconds residual{};
};
struct ManualList {
  std::vector<ManualSample> samples;  // at most 16
};
struct SourceName {
  std::string name;  // what is longer than 256 octets is cut
};
enum class AuthMode : std::uint16_t { none = 0, symmetric = 1, nts = 2 };
struct AuthData {
  AuthMode mode = AuthMode::none;
  std::uint16_t key_type = 0;
  std::uint32_t key_id = 0;
  std::uint16_t key_length = 0;
  std::uint16_t ke_attempts = 0;
  std::optional<base::Duration> last_ke;
  std::uint16_t cookies = 0;
  std::uint16_t cookie_length = 0;
  std::uint16_t naks = 0;
};
struct SelectData {
  base::ReferenceId reference_id;
  Address address;
  char state = ' ';
  bool authentication = false;
  base::LeapIndicator leap = base::LeapIndicator::none;
  std::uint16_t configured = 0;  // 1 noselect, 2 prefer, 4 trust, 8 require
  std::uint16_t effective = 0;
  std::optional<base::Duration> last_sample;
  double score = 0;
  base::Seconds low{};
  base::Seconds high{};
};
struct ClientAccess {
  Address address;
  std::uint32_t ntp_hits = 0;
  std::uint32_t ke_hits = 0;
  std::uint32_t command_hits = 0;
  std::uint32_t ntp_drops = 0;
  std::uint32_t ke_drops = 0;
  std::uint32_t command_drops = 0;
  // log2 seconds between requests; 127: not known
  std::int8_t ntp_interval = 127;
  std::int8_t ke_interval = 127;
  std::int8_t command_interval = 127;
  std::int8_t ntp_timeout_interval = 127;
  std::optional<base::Duration> last_ntp;
  std::optional<base::Duration> last_ke;
  std::optional<base::Duration> last_command;
};
struct Clients {
  std::uint32_t indices = 0;          // of the table
  std::uint32_t next = 0;             // where the next request begins
  std::vector<ClientAccess> clients;  // at most 8
};

}  // namespace reply

using ReplyBody = std::variant<std::monostate, reply::SourceCount, reply::SourceData, reply::Tracking,
                               reply::SourceStats, reply::Activity, reply::Smoothing, reply::ServerStats,
                               reply::NtpData, reply::ManualTimestamp, reply::ManualList, reply::SourceName,
                               reply::AuthData, reply::SelectData, reply::Clients, reply::RealTimeClock>;

struct Reply {
  Status status = Status::success;
  ReplyBody body;  // none: the reply is null, whatever was asked for
};

// Of the whole datagram.
[[nodiscard]] std::size_t reply_size(ReplyCode code);
// What answers a request with this command and sequence; `code`: which of the forms that the body has.
[[nodiscard]] base::Buffer encode(const Reply& reply, ReplyCode code, std::uint16_t command,
                                  std::uint32_t sequence);

}  // namespace gnomon::protocol::cmdmon
