// SPDX-License-Identifier: GPL-2.0-or-later
// Core and launcher: readiness upwards, commands and fresh socketpairs downwards.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "ipc/frame.hpp"

namespace gnomon::ipc {

// --- core -> launcher
struct Ready {  // all sockets and files are in hand: tell systemd and the parent shell
  static constexpr auto type = MessageType::ready;
};
struct Status {
  static constexpr auto type = MessageType::status;
  std::string text;           // one line for `systemctl status`, at most 200 characters
  bool synchronised = false;  // the clock is, within a bound that programs which wait for it can rely on
};
struct Finished {  // the core has done what it was started for (-q, -Q, -t, or a Stop) and is about to exit
  static constexpr auto type = MessageType::finished;
  std::uint8_t exit_status = 0;
};
struct ReplaceKeServers {  // rekey: start new server roles with freshly read certificates
  static constexpr auto type = MessageType::replace_ke_servers;
};

struct OpenSymmetricKeys {  // rekey: the file of `keyfile`, please
  static constexpr auto type = MessageType::open_symmetric_keys;
};
// Files outside of the core's own directories, which the launcher opens with the rights of the core's user.
enum class FileKind : std::uint8_t {
  measurements_log,  // appended to, as all logs; made if it is not there
  statistics_log,
  tracking_log,
  selection_log,
  tempcomp_log,
  refclocks_log,
  rtc_log,
  sensor,             // of `tempcomp`: read
  temperature_points  // likewise
};
inline constexpr std::array log_kinds{
    FileKind::measurements_log, FileKind::statistics_log, FileKind::tracking_log, FileKind::selection_log,
    FileKind::tempcomp_log,     FileKind::refclocks_log,  FileKind::rtc_log};
// As `log` has it, and the file without its ".log"; empty: it is no log.
[[nodiscard]] std::string_view log_name(FileKind kind);
struct OpenFile {
  static constexpr auto type = MessageType::open_file;
  FileKind kind{};
};

struct OpenSigndSocket {  // a connection to Samba's ntp_signd, please; nothing comes if there is none to be
                          // had
  static constexpr auto type = MessageType::open_signd_socket;
};
struct CycleLogFile {  // cyclelogs: the file of -l is to be opened again
  static constexpr auto type = MessageType::cycle_log_file;
};
struct OpenNtpSockets {  // somebody was allowed while nobody was before: the sockets of the server, please
  static constexpr auto type = MessageType::open_ntp_sockets;
};
struct OpenPeerSockets {  // a peer was added, and the port that it knows us by is not ours to bind: once,
                          // please
  static constexpr auto type = MessageType::open_peer_sockets;
};
struct Alive {  // the reply to Ping
  static constexpr auto type = MessageType::alive;
};
enum class Role : std::uint8_t { clock, ke_server, ke_client, resolve, refclock, metrics };
// Those that are there only while there is something for them to do.
[[nodiscard]] constexpr bool is_on_demand(Role role) {
  return role == Role::ke_client || role == Role::resolve;
}
struct WantRole {  // there is something for it to do: RoleConnected, please, unless it is there or on its way
  static constexpr auto type = MessageType::want_role;
  Role role{};  // on demand
};
struct ReleaseRole {  // its channel is being closed, as there is nothing to do: its end is no accident
  static constexpr auto type = MessageType::release_role;
  Role role{};  // on demand
};

// --- launcher -> core
struct Stop {  // SIGTERM or SIGINT came
  static constexpr auto type = MessageType::stop;
};
struct Reload {  // SIGHUP came: begin a reload; ReloadEnd ends it
  static constexpr auto type = MessageType::reload;
};
struct KeySecretOpened {  // carries one descriptor: the file of `ntskeysecret`, to be read to its end; none:
                          // it could not be opened, and the log says why
  static constexpr auto type = MessageType::key_secret;
};
struct SymmetricKeysOpened {  // carries one descriptor: the file of `keyfile`, to be read to its end; none:
                              // it could not be opened, and the log says why
  static constexpr auto type = MessageType::symmetric_keys;
};
struct SigndSocketOpened {  // carries one descriptor: a connected Unix stream socket
  static constexpr auto type = MessageType::signd_socket;
};
struct Ping {  // for systemd's watchdog
  static constexpr auto type = MessageType::ping;
};
struct RoleConnected {  // carries one descriptor: our end of a fresh socketpair to a newly spawned role
  static constexpr auto type = MessageType::role_connected;
  Role role{};
  std::uint8_t index = 0;  // of a ke_server, 0..ntsprocesses-1
};

// Other authorities are trusted from now on. Comes after the RoleConnected of a client of key exchanges that
// has read them; one that rests will read them when it is wanted.
struct TrustChanged {
  static constexpr auto type = MessageType::trust_changed;
};

struct MessageWritten {  // by gnomond, to its log: for `gnomonctl events`
  static constexpr auto type = MessageType::message_written;
  static constexpr std::size_t most_octets = 4096;
  base::Now at{};
  base::Buffer fields;  // as the journal gets them
};

struct FileOpened {  // the reply to OpenFile; carries one descriptor, unless `reason` says why there is none
  static constexpr auto type = MessageType::file_opened;
  FileKind kind{};
  std::string reason;  // at most 200 characters
};

// One for each socket that OpenNtpSockets has led to; carries it as a descriptor, unless `reason` says why
// there is none.
struct NtpSocketOpened {
  static constexpr auto type = MessageType::ntp_socket_opened;
  std::string reason;  // at most 200 characters
};

// The same for OpenPeerSockets; those of the port of our server, see CoreSetup::peer_sockets.
struct PeerSocketOpened {
  static constexpr auto type = MessageType::peer_socket_opened;
  std::string reason;  // at most 200 characters
};

// --- to the mailer
struct SendMail {  // the clock was corrected by more than `mailonchange` has
  static constexpr auto type = MessageType::send_mail;
  base::Duration correction{};  // positive: it was behind
};

// --- on the channel for source files: one request of the core, one reply of the launcher
struct OpenSources {  // the next file of the sourcedirs, please
  static constexpr auto type = MessageType::open_sources;
  bool first = false;  // list the directories again
};
// Carries one descriptor, the file, unless `reason` says why there is none.
struct SourcesOpened {
  static constexpr auto type = MessageType::sources_opened;
  std::uint16_t folder = 0;  // its number over all sourcedir directives
  std::uint16_t error = 0;   // errno, of a folder that could not be looked into
  std::string name;          // without the folder, at most 255 octets; empty: it is about the folder
  std::string reason;        // at most 200 characters
};
struct SourcesEnd {  // there are no more
  static constexpr auto type = MessageType::sources_end;
};

}  // namespace gnomon::ipc
