// SPDX-License-Identifier: GPL-2.0-or-later
// What the daemon tells about itself: the values behind chronyc's reports (chrony's cmdmon fields), rendered
// elsewhere.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/values/refclock_reading.hpp"
#include "daemon/core/engine/values/sample.hpp"
#include "daemon/core/engine/values/verdict.hpp"

namespace gnomon::engine {

enum class AuthMode : std::uint8_t { none, symmetric, nts };

// authdata
struct AuthReport {
  AuthMode mode = AuthMode::none;
  std::uint32_t key_id = 0;               // NTS: number of successful KEs
  std::uint16_t key_type = 0;             // AEAD number
  std::uint16_t key_length = 0;           // bits
  std::optional<base::Duration> last_ke;  // age of the last successful KE
  std::uint32_t ke_attempts = 0;          // since the last success
  std::uint32_t naks = 0;                 // since the last success
  std::uint32_t cookies = 0;
  std::uint32_t cookie_length = 0;
  bool provisional = false;  // keys by a certificate whose dates were forgiven: not to be trusted yet
  std::string last_failure;  // reason of the last KE failure, empty when none since the last success
  std::string failure_text;  // the same with stage, detail and remedy
};

// ntpdata: the last valid response and totals
struct NtpDataReport {
  bool any = false;  // false: no response yet, the fields below are zero
  base::IpAddress local;
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
  base::Seconds offset{};  // positive: our clock is ahead of the source (chrony's sign in reports)
  base::Seconds delay{};
  base::Seconds dispersion{};
  base::Seconds response_time{};
  double jitter_asymmetry = 0;
  std::uint16_t tests = 0;  // ten bits, chrony's 111 111 1111; test 1 is bit 9
  bool interleaved = false;
  bool authenticated = false;
  std::optional<StampSource> tx_stamp;
  std::optional<StampSource> rx_stamp;
  std::uint32_t total_tx = 0, total_rx = 0, total_valid_rx = 0, total_good_rx = 0;
  std::uint32_t total_kernel_tx = 0, total_kernel_rx = 0, total_hw_tx = 0, total_hw_rx = 0;
};

// Whether a source's time is our own.
enum class Loop : std::uint8_t { none, ourselves, follows_us };

enum class Activity : std::uint8_t { online, offline, burst_online, burst_offline, unresolved };

struct AssociationReport {
  base::SourceId id;
  config::SourceKind kind = config::SourceKind::server;
  std::string name;         // as configured
  base::IpAddress address;  // unspecified: not resolved yet
  std::uint16_t port = 123;
  Activity activity = Activity::online;
  base::PollExponent poll;
  std::uint8_t stratum = 0;
  std::uint8_t reach = 0;                 // eight bits, newest lowest
  std::optional<base::Duration> last_rx;  // age of the last good sample
  bool unreachable_too_long = false;      // more polls than maxunreach
  bool burst_at_start = false;            // iburst
  bool offline_at_start = false;          // its option `offline`
  bool name_is_taken = false;             // its name has addresses, and each is another source's
  bool is_offline = false;                // whether its address is known or not
  std::uint16_t filter = 1;               // that many answers are made one measurement
  std::string send_failure;               // why its last request could not be sent; empty: it was
  // It is being asked, or its name or keys are: until then it may well answer.
  std::optional<base::MonoTime> awaited_until;
  std::optional<base::MonoTime> ready_at;
  Loop loop = Loop::none;                 // by its last answer
  std::optional<base::ReferenceId> kiss;  // its last answer: RATE, DENY or RSTR
  AuthReport auth;
  NtpDataReport ntp;
  SelectOptions select_options{};  // as configured or changed by command
  base::ReferenceId
      clock_id{};  // of a reference clock of this machine, which has no address; zero: it is none
  RefclockTrouble trouble = RefclockTrouble::none;  // of a reference clock, with its last reading
  [[nodiscard]] bool is_refclock() const { return clock_id != base::ReferenceId{}; }
};

// One source's statistics, after the timekeeper's estimator
struct SourceStatistics {
  std::uint32_t samples = 0;
  std::uint32_t runs = 0;
  base::Seconds span{};
  base::Ppm residual_frequency;
  base::Ppm skew{2000};
  base::Seconds estimated_offset{};  // chrony's sign: positive, our clock is ahead
  base::Seconds standard_deviation{4};
  // the last sample, for `sources`
  base::Seconds measured_offset{};  // as measured; positive: our clock is ahead
  base::Seconds adjusted_offset{};  // with the corrections made since
  base::Seconds error{};            // root distance of it
};

struct TrackingReport {
  base::ReferenceId reference_id;
  base::IpAddress address;  // of the selected source; unspecified: none or local
  std::string name;
  std::uint8_t stratum = 0;  // 0: unsynchronised
  base::RealTime reference_time;
  base::Seconds system_time{};  // remaining correction; positive: the system clock is slow of NTP time
  base::Seconds last_offset{};
  base::Seconds rms_offset{};
  base::Ppm frequency;  // positive: the free-running clock is fast
  base::Ppm residual_frequency;
  base::Ppm skew;
  base::Seconds root_delay{1};
  base::Seconds root_dispersion{1};  // with the system time, unless we only measure
  base::Seconds update_interval{};
  base::LeapIndicator leap = base::LeapIndicator::unsynchronised;
  bool from_source = false;  // a source of ours says so, and not our own clock (`local`)
  bool steering_frozen =
      false;  // maxchange was exceeded too often: the clock is not steered though it should be
  bool steering_refused = false;  // it cannot be set, and the same follows
  // -x: our time is the system clock's and the system time, which is not corrected.
  bool only_measures = false;
};

// Whether our clock follows sources and is being steered; its own time (`local`) is none.
[[nodiscard]] inline bool is_synchronised(const TrackingReport& tracking) {
  return tracking.leap != base::LeapIndicator::unsynchronised && tracking.from_source &&
         !tracking.steering_frozen && !tracking.steering_refused;
}
// By how much the system clock may be wrong now: the root distance (RFC 5905 appendix A.5.5.2), with what is
// still to be corrected. It grows until the next measurement. nullopt: not synchronised, nothing is known.
[[nodiscard]] inline std::optional<base::Seconds> error_bound(const TrackingReport& tracking) {
  if (!is_synchronised(tracking)) return std::nullopt;
  const auto served = tracking.root_delay / 2.0 + tracking.root_dispersion;
  return tracking.only_measures ? served + base::Seconds{std::fabs(tracking.system_time.count())} : served;
}
// rtcdata
struct RtcReport {
  bool used = false;         // rtcfile, and there is a real-time clock; without it the rest says nothing
  base::RealTime reference;  // the last reading
  std::uint32_t samples = 0;
  std::uint32_t runs = 0;
  base::Seconds span{};
  base::Seconds fast{};  // positive: the real-time clock is ahead of true time
  base::Ppm gain;        // positive: it runs fast
};

// smoothing
struct SmoothingReport {
  bool configured = false;  // smoothtime; without it the rest says nothing
  bool active = false;
  bool leap_only = false;
  base::Seconds offset{};       // positive: served time is ahead of true time
  base::Ppm frequency;          // positive: served time runs faster
  double wander = 0;            // ppm per second
  base::Seconds last_update{};  // age
  base::Seconds remaining{};
};

}  // namespace gnomon::engine
