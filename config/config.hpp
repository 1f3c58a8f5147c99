// SPDX-License-Identifier: GPL-2.0-or-later
// The whole configuration as one immutable value, in chrony's terms and with chrony's defaults
// (chrony.conf(5)). Made by config/parse.hpp only; quantities have their units as types.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/access.hpp"
#include "base/address.hpp"
#include "base/enum_words.hpp"
#include "base/log2_seconds.hpp"
#include "base/rate_limiter.hpp"
#include "base/units.hpp"
#include "config/hardware.hpp"

namespace gnomon::config {

// Records hold the numbers of SourceKind and AuthSelectMode: what is added goes to the end.
enum class SourceKind : std::uint8_t { server, pool, peer };
inline constexpr std::array source_kind_words{base::EnumWord{SourceKind::server, "server"},
                                              base::EnumWord{SourceKind::pool, "pool"},
                                              base::EnumWord{SourceKind::peer, "peer"}};

// One server, pool or peer line.
struct Source {
  SourceKind kind = SourceKind::server;
  std::string name;  // host name or literal address, as written
  std::uint16_t port = 123;
  std::uint16_t nts_port = 4460;
  bool nts = false;
  std::uint32_t cert_set = 0;
  std::uint32_t key_id = 0;  // 0: no symmetric key
  base::PollExponent min_poll{6};
  base::PollExponent max_poll{10};
  bool iburst = false;
  bool burst = false;
  base::Seconds max_delay{3};
  double max_delay_ratio = 0.0;  // 0: off
  double max_delay_dev_ratio = 10.0;
  double max_delay_quantile = 0.0;  // 0: off
  base::Seconds min_delay{};
  std::optional<double> asymmetry;  // -0.5..0.5; nullopt: estimated
  base::Seconds offset{};
  std::optional<int> min_samples;  // nullopt: the global default
  std::optional<int> max_samples;
  int max_unreach = 100000;
  std::optional<base::Log2Seconds> max_nts_retry;
  int filter = 0;  // samples per filtered one, 0: off
  bool offline = false;
  bool auto_offline = false;
  bool prefer = false;
  bool no_select = false;
  bool trust = false;
  bool require = false;
  bool interleaved = false;  // xleave
  int poll_target = 8;
  std::optional<base::PollExponent> presend;  // from which a presend packet goes out; nullopt: never
  base::Stratum min_stratum{0};
  int version = 0;  // 0: automatic (4), else 1..4
  bool copy = false;
  bool monotonic_root = false;      // extfield F323
  bool network_correction = false;  // extfield 10A
  base::AddressFamily family = base::AddressFamily::unspecified;
  int max_sources = 4;  // pool
  [[nodiscard]] bool is_authenticated() const { return nts || key_id != 0; }
  friend bool operator==(const Source&, const Source&) = default;
};

enum class AuthSelectMode : std::uint8_t { require, prefer, mix, ignore };
enum class LeapSecondMode : std::uint8_t { system, step, slew, ignore };

struct MakeStep {
  base::Seconds threshold{};
  int limit = 0;  // clock updates; negative: always
  friend bool operator==(const MakeStep&, const MakeStep&) = default;
};
// The spans of the shortest and the longest average; none when the longest is below the shortest.
struct FallbackSpans {
  base::Log2Seconds shortest;
  base::Log2Seconds longest;
  friend bool operator==(const FallbackSpans&, const FallbackSpans&) = default;
};
struct MaxChange {
  base::Seconds offset{};
  int start = 0;
  int ignore = 0;
  bool exit = false;  // gnomon's own: the daemon ends then, as chrony's does
  friend bool operator==(const MaxChange&, const MaxChange&) = default;
};
struct Local {
  base::Stratum stratum{10};
  base::Seconds distance{1};
  base::Seconds activate{};
  bool orphan = false;
  base::Seconds wait_synced{};
  base::Seconds wait_unsynced{};
  friend bool operator==(const Local&, const Local&) = default;
};
using base::RateLimit;
struct Broadcast {
  base::Seconds interval{};
  base::Endpoint destination;
  friend bool operator==(const Broadcast&, const Broadcast&) = default;
};
struct SmoothTime {
  base::Ppm max_frequency{};
  base::Ppm max_wander{};  // in a second
  bool leap_only = false;
  friend bool operator==(const SmoothTime&, const SmoothTime&) = default;
};
struct InitStepSlew {
  base::Seconds threshold{};
  std::vector<std::string> hosts;
  friend bool operator==(const InitStepSlew&, const InitStepSlew&) = default;
};
struct MailOnChange {
  std::string address;
  base::Seconds threshold{};
  friend bool operator==(const MailOnChange&, const MailOnChange&) = default;
};
struct CertificatePair {
  std::string certificate_file;
  std::string key_file;
  friend bool operator==(const CertificatePair&, const CertificatePair&) = default;
};
struct TrustedCertificates {
  std::uint32_t set = 0;
  std::string path;
  friend bool operator==(const TrustedCertificates&, const TrustedCertificates&) = default;
};

struct ClockSettings {
  std::optional<MakeStep> make_step;
  std::optional<MaxChange> max_change;
  base::Ppm max_slew_rate{83333.333};
  base::Ppm max_drift{100000};
  base::Ppm max_update_skew{1000};
  base::Ppm max_clock_error{1};
  double corr_time_ratio = 3;                    // update intervals
  std::optional<base::Seconds> clock_precision;  // nullopt: measured
  std::string drift_file;
  base::Seconds drift_file_interval{3600};
  std::optional<FallbackSpans> fallback_drift;
  bool rtc_sync = false;
  LeapSecondMode leap_second_mode = LeapSecondMode::system;
  std::string leap_timezone;
  std::string leap_list;
  std::optional<InitStepSlew> init_step_slew;
  friend bool operator==(const ClockSettings&, const ClockSettings&) = default;
};

struct SelectionSettings {
  AuthSelectMode auth_select_mode = AuthSelectMode::mix;
  double combine_limit = 3;  // a factor
  base::Seconds max_distance{3};
  base::Seconds max_jitter{1};
  base::Stratum max_stratum{15};
  base::Stratum min_stratum{0};
  int min_sources = 1;
  base::Seconds reselect_distance{1e-4};
  base::Seconds stratum_weight{1e-3};
  int max_samples = 0;  // 0: no cap
  int min_samples = 6;
  base::Seconds refresh{1209600};
  friend bool operator==(const SelectionSettings&, const SelectionSettings&) = default;
};

struct ServerSettings {
  std::vector<base::AccessRule> access;         // allow and deny in order
  std::uint16_t port = 123;                     // 0: never serve
  std::vector<base::IpAddress> bind_addresses;  // at most one per family; a family without one: any
  std::string bind_device;
  std::optional<Local> local;
  std::optional<RateLimit> rate_limit;
  std::uint64_t client_log_limit = 524288;  // octets
  bool no_client_log = false;
  int max_tx_buffers = 0;  // of each socket; 0: our default
  int dscp = 0;
  std::vector<Broadcast> broadcasts;
  std::optional<SmoothTime> smooth_time;
  std::string signd_socket;    // ntpsigndsocket
  std::uint16_t ptp_port = 0;  // 0: no NTP over PTP
  int ptp_domain = 123;
  int workers = 0;  // gnomon's `ntpworkers`: threads that answer; 0: one per processor, at most 8
  friend bool operator==(const ServerSettings&, const ServerSettings&) = default;
};

struct NtsSettings {
  // ntsaeads, preference order, without those that this version does not have; empty: no NTS
  std::vector<std::uint16_t> aeads{30, 15};
  std::string dump_dir;  // ntsdumpdir
  base::Seconds refresh{2419200};
  std::vector<TrustedCertificates> trusted_certificates;
  bool no_system_certificates = false;
  int no_certificate_time_check = 0;  // clock updates
  // server
  std::uint16_t port = 4460;
  std::vector<CertificatePair> certificates;
  int processes = 1;
  int max_connections = 100;
  std::string ntp_server;
  base::Seconds rotate{604800};  // 0: keys are managed externally
  // gnomon's `ntskeysecret`: what the keys are derived from; empty: they are random
  std::string key_secret_file;
  std::optional<RateLimit> rate_limit;
  friend bool operator==(const NtsSettings&, const NtsSettings&) = default;
};

struct ClientSettings {
  std::optional<std::uint16_t> acquisition_port;
  std::vector<base::IpAddress> bind_addresses;  // bindacqaddress
  std::string bind_device;
  friend bool operator==(const ClientSettings&, const ClientSettings&) = default;
};

// `metricsaddress`: an address and a port, or the path of a Unix socket.
struct MetricsAddress {
  base::Endpoint endpoint;
  std::string path;  // empty: the endpoint
  friend bool operator==(const MetricsAddress&, const MetricsAddress&) = default;
};
inline constexpr std::uint16_t usual_metrics_port = 10123;

struct ControlSettings {
  std::string socket = "/run/gnomon/control";               // gnomon's `controlsocket`; "/": none
  std::uint32_t event_memory = 1U << 20U;                   // octets; gnomon's `eventmemory`
  std::vector<MetricsAddress> metrics_addresses;            // gnomon's `metricsaddress`
  std::uint32_t measurement_memory = 1U << 20U;             // octets; gnomon's `measurementmemory`
  std::string command_socket = "/run/chrony/chronyd.sock";  // bindcmdaddress /path; "/": none
  // bindcmdaddress, at most one per family; a family without one: 127.0.0.1 or ::1
  std::vector<base::IpAddress> command_addresses;
  std::string command_device;  // bindcmddevice
  std::uint16_t command_port = 323;
  std::vector<base::AccessRule> command_access;
  std::optional<RateLimit> command_rate_limit;
  bool manual = false;  // whether `settime` is accepted
  std::vector<std::string> open_commands{"activity",   "manual",  "rtcdata",     "smoothing",
                                         "sourcename", "sources", "sourcestats", "tracking"};
  friend bool operator==(const ControlSettings&, const ControlSettings&) = default;
};

struct ProcessSettings {
  std::string user = "_gnomon";
  std::string pid_file = "/run/gnomon/gnomond.pid";  // "/": none
  std::string dump_dir;
  std::string log_dir;
  std::vector<std::string> logs;
  int log_banner = 32;
  base::Seconds log_change{1};
  std::string key_file;
  bool lock_all = false;
  int sched_priority = 0;
  std::optional<MailOnChange> mail_on_change;
  // sourcedir, one element for each directive (a basename counts once within one directive, not across them);
  // read by the core, and again on `reload sources`.
  std::vector<std::vector<std::string>> source_dirs;
  friend bool operator==(const ProcessSettings&, const ProcessSettings&) = default;
};

struct Config {
  std::vector<Source> sources;
  ClockSettings clock;
  SelectionSettings selection;
  ServerSettings server;
  NtsSettings nts;
  ClientSettings client;
  ControlSettings control;
  ProcessSettings process;
  HardwareSettings hardware;
  // Directives and options that were given, are valid, and have no effect in this version; each named once:
  // "keyfile", "server xleave", "leapsecmode slew".
  std::vector<std::string> without_effect;

  // Whether the NTP port is to be opened (chrony: allow or broadcast, and port not 0), and the NTS-KE port
  // (chrony: certificates, and ntsport not 0; who is allowed may be said later).
  [[nodiscard]] bool serves_ntp() const;
  [[nodiscard]] bool serves_ke() const;
  // Whether there are keys for cookies: those of our own NTS-KE server, or those shared with another.
  [[nodiscard]] bool serves_nts() const;
  friend bool operator==(const Config&, const Config&) = default;
};

}  // namespace gnomon::config
