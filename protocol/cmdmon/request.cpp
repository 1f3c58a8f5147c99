// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/cmdmon/request.hpp"

#include <algorithm>
#include <array>

#include "protocol/cmdmon/reply.hpp"

namespace gnomon::protocol::cmdmon {

namespace {

// Forms of replies that older versions of chronyc wait for, from the newest to the oldest: their requests
// have no room for more.
struct OlderReply {
  Code code;
  ReplyCode reply;
};
constexpr std::array older_replies{OlderReply{Code::server_stats, ReplyCode::server_stats3},
                                   OlderReply{Code::server_stats, ReplyCode::server_stats2},
                                   OlderReply{Code::server_stats, ReplyCode::server_stats},
                                   OlderReply{Code::ntp_data, ReplyCode::ntp_data}};

std::optional<ReplyCode> fitting_reply(const RequestForm& form, std::size_t size) {
  if (size >= request_size(form, form.reply)) return form.reply;
  const auto older = std::ranges::find_if(older_replies, [&](const OlderReply& each) {
    return each.code == form.code && size >= request_size(form, each.reply);
  });
  return older != older_replies.end() ? std::optional{older->reply} : std::nullopt;
}

}  // namespace

const RequestForm* find_form(std::uint16_t command) {
  const auto forms = request_forms();
  const auto found = std::ranges::find(forms, static_cast<Code>(command), &RequestForm::code);
  return found != forms.end() ? &*found : nullptr;
}

std::size_t request_size(const RequestForm& form, ReplyCode reply) {
  return std::max(request_header_size + form.data_size, reply_size(reply));
}

std::optional<Header> read_header(base::Bytes datagram) {
  if (datagram.size() < shortest_request || datagram.size() > longest_request) return std::nullopt;
  base::ByteReader reader{datagram};
  Header header{.version = reader.read<std::uint8_t>().value_or(0)};
  const auto type = reader.read<std::uint8_t>();
  const auto reserved = reader.read<std::uint16_t>();
  if (type != request_type || reserved != 0) return std::nullopt;
  header.command = reader.read<std::uint16_t>().value_or(0);
  static_cast<void>(reader.take(2));  // how many attempts came before it
  header.sequence = reader.read<std::uint32_t>().value_or(0);
  return header;
}

std::expected<Request, Status> read_request(const Header& header, base::Bytes datagram) {
  if (header.version != version) return std::unexpected(Status::bad_packet_version);
  const auto* const form = find_form(header.command);
  if (form == nullptr) return std::unexpected(Status::invalid);
  const auto reply = fitting_reply(*form, datagram.size());
  if (!reply) return std::unexpected(Status::bad_packet_length);
  FieldReader reader{datagram.subspan(request_header_size)};
  return Request{form->code, *reply, form->only_reads, form->read(reader)};
}

}  // namespace gnomon::protocol::cmdmon
