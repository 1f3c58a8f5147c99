// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/client/probe_role.hpp"

#include <utility>
#include <variant>
#include <vector>

#include "helpers/ntske/client/client_session.hpp"
#include "ipc/codec.hpp"

namespace gnomon::ntske {
namespace {

using asio::experimental::awaitable_operators::operator||;  // NOLINT(misc-unused-using-decls): is used

ipc::KePhase phase_of(const ipc::Inspected& seen) {
  using enum ipc::KePhase;
  if (seen.finished != base::Duration{}) return finished;
  if (seen.shaken != base::Duration{}) return waiting;
  return seen.connected != base::Duration{} ? handshake : connecting;
}

}  // namespace

ProbeRole::ProbeRole(async::Loop& loop, base::Fd channel, TrustStore trust,
                     std::chrono::milliseconds session_limit)
    : loop_(loop),
      user_(loop.io(), std::move(channel), ipc::Link::ke_probe, ipc::Sender::core),
      trust_(std::move(trust)),
      session_limit_(session_limit) {}

asio::awaitable<async::ChannelEnd> ProbeRole::run() {
  for (;;) {
    const auto received = co_await user_.receive();
    if (!received) co_return received.error();
    const auto id = received->frame.request_id;
    const auto request = ipc::decode<ipc::Inspect>(received->frame);
    if (!request) co_return async::ChannelEnd{async::ChannelEnd::Kind::illegal_frame};
    const auto seen = co_await inspect(*request);
    if (!co_await user_.send(ipc::encode(seen, id)))
      co_return async::ChannelEnd{async::ChannelEnd::Kind::closed};
  }
}

asio::awaitable<ipc::Inspected> ProbeRole::inspect(const ipc::Inspect& request) {
  const std::vector<base::IpAddress> anywhere;
  ipc::Inspected seen;
  ClientSession session{loop_, request.session, trust_, anywhere};
  session.look(seen);
  async::Timer deadline{loop_, session_limit_};
  auto outcome = co_await (session.establish() || deadline.wait());
  KeResult result = std::unexpected(session.timed_out());
  const bool in_time = outcome.index() == 0;
  if (in_time) result = std::move(std::get<0>(outcome));
  if (result)
    seen.session = std::move(*result);
  else
    seen.failure = std::move(result.error());
  seen.phase = phase_of(seen);
  if (in_time) session.close();
  co_return seen;
}

}  // namespace gnomon::ntske
