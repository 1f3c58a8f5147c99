// SPDX-License-Identifier: GPL-2.0-or-later
// The envelope of every message between our processes: one SOCK_SEQPACKET datagram is one frame.
//   octet 0      version, 1
//   octet 1      message type
//   octets 2-3   body length, big-endian; must equal what follows the header
//   octets 4-7   request id: a reply carries its request's, an event carries 0
//   octets 8..   body
// Anything that does not fit is refused, and who receives it closes the channel.
#pragma once

#include <cstdint>
#include <expected>

#include "base/bytes.hpp"

namespace gnomon::ipc {

inline constexpr std::uint8_t protocol_version = 1;
inline constexpr std::size_t frame_header_size = 8;
inline constexpr std::size_t max_frame_size = 8192;

enum class MessageType : std::uint8_t {
  // core <-> clock
  read_clock = 1,
  adjust = 2,
  step = 3,
  set_status = 4,
  clock_reading = 5,
  adjusted = 6,
  clock_refused = 7,
  read_rtc = 8,
  set_rtc = 9,
  rtc_answer = 10,
  rtc_tick = 11,
  // core <-> ntske, server role
  seal_cookies = 16,
  sealed_cookies = 17,
  seal_refused = 18,
  sessions_ended = 19,
  certificate_facts = 20,
  retire = 21,
  certificates_unusable = 118,
  host_addresses = 22,
  add_access_rule = 23,
  // core <-> ntske, client role
  establish = 32,
  established = 33,
  establish_failed = 34,
  // core <-> resolve
  resolve = 48,
  resolved = 49,
  resolve_failed = 50,
  name_files_changed = 51,
  // refclock -> core
  refclock_readings = 56,
  // core <-> metrics
  read_metrics = 60,
  metrics_part = 61,
  // core <-> launcher
  ready = 64,
  status = 65,
  finished = 66,
  stop = 67,
  role_connected = 68,
  replace_ke_servers = 69,
  reload = 70,
  ping = 71,
  alive = 72,
  key_secret = 73,
  open_file = 80,
  file_opened = 81,
  // gnomonctl <-> ntske, and <-> probe
  inspect = 96,
  inspected = 97,
  probe_keys = 98,
  probe_exchange = 99,
  probe_answer = 100,
  probe_burst = 101,
  probe_burst_answer = 102,
  // core -> mailer
  send_mail = 88,
  // core <-> launcher, on a channel of its own where the core waits for each reply
  open_sources = 74,
  sources_opened = 75,
  sources_end = 76,
  // core <-> launcher again
  open_symmetric_keys = 77,
  symmetric_keys = 78,
  open_signd_socket = 82,
  signd_socket = 83,
  cycle_log_file = 84,
  open_ntp_sockets = 85,
  ntp_socket_opened = 86,
  open_nics = 87,
  nic_opened = 89,
  open_peer_sockets = 90,
  peer_socket_opened = 91,
  // core <-> launcher: the configuration while the daemon runs
  read_configuration = 103,
  next_configuration_part = 104,
  use_configuration = 105,
  configuration_error = 106,
  configuration_change = 107,
  configuration_line = 108,
  configuration_end = 109,
  configuration_used = 110,
  reload_end = 111,
  want_role = 112,
  release_role = 113,
  trust_changed = 114,
  message_written = 115,
  certificates_refused = 119,
  // core <-> launcher, on a channel of its own: what came to chronyc's Unix socket
  command_request = 116,
  command_reply = 117
};

struct Frame {
  MessageType type{};
  std::uint32_t request_id = 0;
  base::Bytes body;  // view into the received datagram
};

enum class FrameError : std::uint8_t { too_short, too_long, bad_version, unknown_type, bad_length, bad_body };

[[nodiscard]] std::expected<Frame, FrameError> parse_frame(base::Bytes datagram);

// Who is at the two ends, as seen from the core, and who may say what.
enum class Link : std::uint8_t {
  clock,
  ke_server,
  ke_client,
  resolve,
  refclock,
  metrics,
  launcher,
  source_files,
  commands,
  mailer,
  ke_probe,
  probe
};
enum class Sender : std::uint8_t {
  core,
  helper
};  // for Link::launcher, source_files and commands, "helper" is the launcher; for ke_probe and probe, "core"
    // is gnomonctl
// The legal-when table: one row per message.
[[nodiscard]] bool is_legal(MessageType type, Link link, Sender sender);

}  // namespace gnomon::ipc
