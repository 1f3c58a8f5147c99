// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/frame.hpp"

#include <algorithm>
#include <array>

#include "ipc/codec_impl.hpp"

namespace gnomon::ipc {

namespace {

struct Legal {
  MessageType type;
  Link link;
  Sender sender;
};

// Which role may send what to which. A message without a row does not exist.
constexpr std::array legal_when{
    Legal{MessageType::read_clock, Link::clock, Sender::core},
    Legal{MessageType::adjust, Link::clock, Sender::core},
    Legal{MessageType::step, Link::clock, Sender::core},
    Legal{MessageType::set_status, Link::clock, Sender::core},
    Legal{MessageType::clock_reading, Link::clock, Sender::helper},
    Legal{MessageType::adjusted, Link::clock, Sender::helper},
    Legal{MessageType::clock_refused, Link::clock, Sender::helper},
    Legal{MessageType::read_rtc, Link::clock, Sender::core},
    Legal{MessageType::set_rtc, Link::clock, Sender::core},
    Legal{MessageType::rtc_answer, Link::clock, Sender::helper},
    Legal{MessageType::rtc_tick, Link::clock, Sender::helper},

    Legal{MessageType::seal_cookies, Link::ke_server, Sender::helper},
    Legal{MessageType::sealed_cookies, Link::ke_server, Sender::core},
    Legal{MessageType::seal_refused, Link::ke_server, Sender::core},
    Legal{MessageType::sessions_ended, Link::ke_server, Sender::helper},
    Legal{MessageType::certificate_facts, Link::ke_server, Sender::helper},
    Legal{MessageType::certificates_unusable, Link::ke_server, Sender::helper},
    Legal{MessageType::retire, Link::ke_server, Sender::core},
    Legal{MessageType::host_addresses, Link::ke_server, Sender::core},
    Legal{MessageType::add_access_rule, Link::ke_server, Sender::core},

    Legal{MessageType::establish, Link::ke_client, Sender::core},
    Legal{MessageType::established, Link::ke_client, Sender::helper},
    Legal{MessageType::establish_failed, Link::ke_client, Sender::helper},

    Legal{MessageType::resolve, Link::resolve, Sender::core},
    Legal{MessageType::resolved, Link::resolve, Sender::helper},
    Legal{MessageType::resolve_failed, Link::resolve, Sender::helper},
    Legal{MessageType::name_files_changed, Link::resolve, Sender::helper},

    Legal{MessageType::refclock_readings, Link::refclock, Sender::helper},

    Legal{MessageType::read_metrics, Link::metrics, Sender::helper},
    Legal{MessageType::metrics_part, Link::metrics, Sender::core},

    Legal{MessageType::ready, Link::launcher, Sender::core},
    Legal{MessageType::status, Link::launcher, Sender::core},
    Legal{MessageType::finished, Link::launcher, Sender::core},
    Legal{MessageType::replace_ke_servers, Link::launcher, Sender::core},
    Legal{MessageType::stop, Link::launcher, Sender::helper},
    Legal{MessageType::role_connected, Link::launcher, Sender::helper},
    Legal{MessageType::reload, Link::launcher, Sender::helper},
    Legal{MessageType::ping, Link::launcher, Sender::helper},
    Legal{MessageType::alive, Link::launcher, Sender::core},
    Legal{MessageType::key_secret, Link::launcher, Sender::helper},
    Legal{MessageType::open_symmetric_keys, Link::launcher, Sender::core},
    Legal{MessageType::symmetric_keys, Link::launcher, Sender::helper},
    Legal{MessageType::open_signd_socket, Link::launcher, Sender::core},
    Legal{MessageType::signd_socket, Link::launcher, Sender::helper},
    Legal{MessageType::open_nics, Link::launcher, Sender::core},
    Legal{MessageType::nic_opened, Link::launcher, Sender::helper},
    Legal{MessageType::open_file, Link::launcher, Sender::core},
    Legal{MessageType::file_opened, Link::launcher, Sender::helper},
    Legal{MessageType::cycle_log_file, Link::launcher, Sender::core},
    Legal{MessageType::open_ntp_sockets, Link::launcher, Sender::core},
    Legal{MessageType::ntp_socket_opened, Link::launcher, Sender::helper},
    Legal{MessageType::open_peer_sockets, Link::launcher, Sender::core},
    Legal{MessageType::peer_socket_opened, Link::launcher, Sender::helper},
    Legal{MessageType::want_role, Link::launcher, Sender::core},
    Legal{MessageType::release_role, Link::launcher, Sender::core},
    Legal{MessageType::trust_changed, Link::launcher, Sender::helper},
    Legal{MessageType::message_written, Link::launcher, Sender::helper},
    Legal{MessageType::certificates_refused, Link::launcher, Sender::helper},

    Legal{MessageType::inspect, Link::ke_probe, Sender::core},
    Legal{MessageType::inspected, Link::ke_probe, Sender::helper},

    Legal{MessageType::probe_keys, Link::probe, Sender::core},
    Legal{MessageType::probe_exchange, Link::probe, Sender::core},
    Legal{MessageType::probe_answer, Link::probe, Sender::helper},
    Legal{MessageType::probe_burst, Link::probe, Sender::core},
    Legal{MessageType::probe_burst_answer, Link::probe, Sender::helper},

    Legal{MessageType::read_configuration, Link::launcher, Sender::core},
    Legal{MessageType::next_configuration_part, Link::launcher, Sender::core},
    Legal{MessageType::use_configuration, Link::launcher, Sender::core},
    Legal{MessageType::reload_end, Link::launcher, Sender::core},
    Legal{MessageType::configuration_error, Link::launcher, Sender::helper},
    Legal{MessageType::configuration_change, Link::launcher, Sender::helper},
    Legal{MessageType::configuration_line, Link::launcher, Sender::helper},
    Legal{MessageType::configuration_end, Link::launcher, Sender::helper},
    Legal{MessageType::configuration_used, Link::launcher, Sender::helper},

    Legal{MessageType::send_mail, Link::mailer, Sender::core},

    Legal{MessageType::open_sources, Link::source_files, Sender::core},
    Legal{MessageType::sources_opened, Link::source_files, Sender::helper},
    Legal{MessageType::sources_end, Link::source_files, Sender::helper},

    Legal{MessageType::command_request, Link::commands, Sender::helper},
    Legal{MessageType::command_reply, Link::commands, Sender::core},
};

const Legal* find(std::uint8_t number) {
  const auto* const row = std::ranges::find_if(
      legal_when, [number](const Legal& legal) { return static_cast<std::uint8_t>(legal.type) == number; });
  return row == legal_when.end() ? nullptr : row;
}

}  // namespace

void write_header(base::ByteWriter& out, MessageType type, std::size_t body_size, std::uint32_t request_id) {
  out.write(protocol_version);
  out.write(static_cast<std::uint8_t>(type));
  out.write(static_cast<std::uint16_t>(body_size));
  out.write(request_id);
}

std::expected<Frame, FrameError> parse_frame(base::Bytes datagram) {
  if (datagram.size() < frame_header_size) return std::unexpected(FrameError::too_short);
  if (datagram.size() > max_frame_size) return std::unexpected(FrameError::too_long);
  FieldReader in{datagram.first(frame_header_size)};
  if (in.number<std::uint8_t>() != protocol_version) return std::unexpected(FrameError::bad_version);
  const auto* const row = find(in.number<std::uint8_t>());
  if (row == nullptr) return std::unexpected(FrameError::unknown_type);
  const auto body = datagram.subspan(frame_header_size);
  if (in.number<std::uint16_t>() != body.size()) return std::unexpected(FrameError::bad_length);
  return Frame{row->type, in.number<std::uint32_t>(), body};
}

bool is_legal(MessageType type, Link link, Sender sender) {
  const auto* const row = find(static_cast<std::uint8_t>(type));
  return row != nullptr && row->link == link && row->sender == sender;
}

}  // namespace gnomon::ipc
