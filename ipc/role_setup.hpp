// SPDX-License-Identifier: GPL-2.0-or-later
// What the launcher tells a role on its command line, as `key=value` arguments: no secrets, nothing from the
// network. Parsed before the role drops its privileges; an argument that is unknown or out of range ends the
// role with exit status 2.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "base/access.hpp"
#include "base/address.hpp"
#include "ipc/clock_messages.hpp"

namespace gnomon::ipc {

inline constexpr int role_channel_fd =
    3;  // every role's socketpair to the core; the core's own to the launcher

// Common to all roles: which user to become.
struct RoleIdentity {
  std::string user;  // empty: stay who we are; "#61000": this number, user and group, without an account
  bool lock_memory = false;  // never paged out
  bool report_only = false;  // seccomp logs instead of killing (development)
  int log_fd = -1;           // memory of which messages earlier processes of the role have written; -1: none
};

// -s: the system clock is set before anything else happens.
struct FirstTime {
  bool wanted = false;
  double not_before_s = 0;  // since 1970, when the driftfile was last written; 0: not known
  // The rtcfile, see base::RtcFile; all 0: the real-time clock is right.
  std::int64_t rtc_reference = 0;
  double rtc_fast_s = 0;
  double rtc_gain_ppm = 0;
};
// The real-time clock.
struct RtcSetup {
  int fd = -1;                      // opened for reading and setting; -1: there is none
  std::string device = "/dev/rtc";  // for messages
  bool on_utc = false;
  bool tracked = false;  // with rtcfile; false: only the first time is taken from it
};
// Of zeros at first: what gnomon-clock remembers over a crash, in memory that no other role has open.
inline constexpr std::size_t clock_memory_size = 8192;
struct ClockSetup {
  RoleIdentity identity;
  ClockBudget budget;
  FirstTime first_time{};
  RtcSetup rtc{};
  int memory_fd = -1;  // -1: nothing is remembered
};
struct ResolveSetup {
  RoleIdentity identity;
};

struct CertificatePair {
  std::string certificate_file;  // PEM chain
  std::string key_file;
};
struct TrustedCertificates {
  std::uint32_t set = 0;
  std::string path;  // PEM file or directory of PEM files
};
// Of zeros and then a random seed at its beginning, for all server processes: the clients that ntsratelimit
// remembers.
inline constexpr std::size_t ke_rate_memory_size = 32768;
struct KeServerSetup {
  RoleIdentity identity;
  std::vector<int> listeners;  // inherited listening sockets
  std::vector<CertificatePair> certificates;
  std::uint16_t ntp_port = 123;  // Port record when not 123
  std::string ntp_server;        // Server record when not empty
  std::vector<std::uint16_t> aeads;
  std::uint32_t max_connections = 100;
  std::vector<base::AccessRule> access;  // as `allow` and `deny` left it
  bool rate_limit = false;
  std::int8_t rate_interval = 6;  // log2 seconds
  std::uint8_t rate_burst = 8;
  std::uint8_t rate_leak = 2;  // log2
  int rate_fd = -1;       // memory of ke_rate_memory_size that the processes share; -1: each counts alone
  bool replaces = false;  // a server that goes on if this one cannot start
};
struct KeClientSetup {
  RoleIdentity identity;
  bool system_certificates = true;
  std::vector<TrustedCertificates> trusted;
  std::vector<base::IpAddress> bind_addresses;  // bindacqaddress, at most one per family
};

// One `refclock` line, as far as its device goes.
enum class RefclockDriver : std::uint8_t { shm, sock, pps, phc, rtc };
struct RefclockDevice {
  RefclockDriver driver{};
  std::int8_t poll = 4;         // log2 seconds, -7..24
  std::int8_t driver_poll = 0;  // likewise, at most `poll`
  std::string parameter;        // with its options: "/dev/ptp0:nocrossts"
  friend bool operator==(const RefclockDevice&, const RefclockDevice&) = default;
};
struct RefclockSetup {
  RoleIdentity identity;
  std::vector<RefclockDevice> devices;  // in the order of the configuration
  std::vector<int> sockets;             // of those with driver SOCK, in their order; -1: there is none
  bool at_once = false;                 // each reading is told when it is there, not with its poll interval
};

struct MetricsSetup {
  RoleIdentity identity;
  std::vector<int> listeners;  // inherited listening sockets, of any stream protocol
};

// gnomon-probe, which gnomonctl starts.
struct ProbeSetup {
  RoleIdentity identity;
  std::vector<int> sockets;  // inherited, bound to the port that ProbePort::given means, one of a family
};

// The core. Its descriptors are inherited; -1 or empty: there is none.
enum class CoreMode : std::uint8_t { daemon, set_once, print_once };
struct CoreSetup {
  RoleIdentity identity;
  std::string program = "gnomond";  // as gnomond was started: what the log calls the daemon
  CoreMode mode = CoreMode::daemon;
  bool no_clock_control = false;                                  // -x, -Q
  bool no_start_adjustments = false;                              // -R
  bool restore_history = false;                                   // -r
  base::AddressFamily family = base::AddressFamily::unspecified;  // -4, -6
  double timeout = 0;                                             // -t seconds, 0: none
  int log_level = 0;                                              // -L
  int config_fd = -1;  // effective configuration lines, one per line, read to its end
  int clock_fd = -1;
  int resolve_fd = -1;
  int ke_client_fd = -1;
  int refclock_fd = -1;
  int metrics_fd = -1;
  std::vector<int> ke_server_fds;        // one per ntsprocesses
  std::vector<int> ntp_sockets;          // bound UDP sockets that serve, one worker each
  std::vector<int> ptp_sockets;          // bound to ptpport, that serve, one worker each
  std::vector<int> ptp_client_sockets;   // bound to ptpport, to ask from, where the core may not do that
  std::vector<int> acquisition_sockets;  // bound to acquisitionport, where the core may not do that
  std::vector<int> peer_sockets;         // bound to the served port, to speak with peers from
  int key_secret_fd = -1;                // the file of `ntskeysecret`; -1: none, or it cannot be used
  int symmetric_keys_fd = -1;            // the file of `keyfile`; -1: likewise
  int control_fd = -1;                   // listening Unix stream socket of the control interface
  std::vector<int> command_sockets;      // bound UDP sockets of chrony's control protocol
  int command_relay_fd = -1;          // the launcher passes on what came to its Unix socket; -1: it has none
  int sources_fd = -1;                // the launcher opens the files of sourcedir there; -1: there are none
  int mailer_fd = -1;                 // of `mailonchange`; -1: nobody wants mail
  int event_memory_fd = -1;           // of the size of `eventmemory`, events of earlier cores; -1: none
  int measurement_memory_fd = -1;     // likewise, of `measurementmemory`
  std::int64_t operators_group = -1;  // its members may change things through it; -1: root alone
};

// To words and back; the words are what argv[1..] holds.
template <class Setup>
[[nodiscard]] std::vector<std::string> to_arguments(const Setup& setup);
template <class Setup>
[[nodiscard]] std::expected<Setup, std::string> from_arguments(std::span<const std::string> words);

}  // namespace gnomon::ipc
