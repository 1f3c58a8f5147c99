// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/cmdmon/answer.hpp"

#include <algorithm>

namespace gnomon::core::cmdmon {

namespace {

const Command* find_command(wire::Code code) {
  for (const auto& commands :
       {report_commands(), source_report_commands(), clock_commands(), source_commands(), access_commands()})
    if (const auto found = std::ranges::find(commands, code, &Command::code); found != commands.end())
      return &*found;
  return nullptr;
}

bool is_permitted(const wire::Request& request, Right right, const OpenCommands& open) {
  return right == Right::everything || (request.only_reads && open.has(request.code));
}

wire::Reply carry_out(const wire::Request& request, Services& services) {
  const auto* const command = find_command(request.code);
  if (command == nullptr) return failure(wire::Status::invalid);
  auto reply = command->handle(request.body, services);
  if (!request.only_reads) services.memory.clear();
  return reply;
}

}  // namespace

wire::Status status_of(const engine::Refusal& refusal) {
  switch (refusal.kind) {
    case engine::RefusalKind::no_such_source:
      return wire::Status::no_such_source;
    case engine::RefusalKind::source_already_present:
      return wire::Status::source_already_known;
    case engine::RefusalKind::too_many_sources:
      return wire::Status::too_many_sources;
    case engine::RefusalKind::invalid_name:
      return wire::Status::invalid_name;
    case engine::RefusalKind::not_enabled:
      return wire::Status::not_enabled;
    case engine::RefusalKind::no_such_entry:
      return wire::Status::bad_sample;
    case engine::RefusalKind::no_client_log:
      return wire::Status::inactive;
    case engine::RefusalKind::bad_file:
      return wire::Status::bad_rtc_file;
    case engine::RefusalKind::failed:
      break;
  }
  return wire::Status::failed;
}

Answer answer(const wire::Header& header, base::Bytes datagram, Right right, const OpenCommands& open,
              Services& services) {
  if (header.version < wire::oldest_answered_version) return {};
  const auto encoded = [&](const wire::Reply& reply, wire::ReplyCode code) -> Answer {
    return {.reply = wire::encode(reply, code, header.command, header.sequence)};
  };
  const auto request = wire::read_request(header, datagram);
  if (!request) return encoded(failure(request.error()), wire::ReplyCode::null);
  if (!is_permitted(*request, right, open))
    return encoded(failure(wire::Status::unauthorised), wire::ReplyCode::null);
  auto answer = encoded(carry_out(*request, services), request->reply);
  answer.shut_down = request->code == wire::Code::shutdown;
  if (answer.reply.size() > datagram.size()) answer.reply.clear();
  return answer;
}

}  // namespace gnomon::core::cmdmon
