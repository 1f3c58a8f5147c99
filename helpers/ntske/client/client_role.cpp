// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/client/client_role.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "helpers/ntske/client/client_session.hpp"
#include "ipc/codec.hpp"

namespace gnomon::ntske {
namespace {

using asio::experimental::awaitable_operators::operator||;  // NOLINT(misc-unused-using-decls): is used
using protocol::KeFailure;
using protocol::KeFailureReason;

constexpr std::size_t max_detail = 200;

// Names of certificates and messages of libraries come from outside: one printable line goes on.
KeFailure presentable(KeFailure failure) {
  std::ranges::replace_if(failure.detail, [](char c) { return c < ' ' || c > '~'; }, '?');
  if (failure.detail.size() > max_detail) failure.detail.resize(max_detail);
  return failure;
}

}  // namespace

ClientRole::ClientRole(async::Loop& loop, base::Fd channel, const ipc::KeClientSetup& setup, TrustStore trust,
                       std::chrono::milliseconds session_limit)
    : loop_(loop),
      core_(loop.io(), std::move(channel), ipc::Link::ke_client, ipc::Sender::core),
      trust_(std::move(trust)),
      bind_addresses_(setup.bind_addresses),
      session_limit_(session_limit),
      sessions_(loop) {}

asio::awaitable<async::ChannelEnd> ClientRole::run() {
  const auto end = co_await serve_requests();
  co_await sessions_.drain();
  co_return end;
}

asio::awaitable<async::ChannelEnd> ClientRole::serve_requests() {
  for (;;) {
    const auto received = co_await core_.receive();
    if (!received) co_return received.error();
    const auto id = received->frame.request_id;
    auto request = ipc::decode<ipc::Establish>(received->frame);
    if (!request || id == 0) co_return async::ChannelEnd{async::ChannelEnd::Kind::illegal_frame};
    if (const auto action = std::exchange(before_first_session_, {})) action();
    if (sessions_.size() < max_client_sessions) {
      sessions_.spawn("NTS-KE session", session(id, std::move(*request)));
    } else {
      // Awaited here: a core that goes on asking waits for its answers.
      co_await refuse(id);
    }
  }
}

asio::awaitable<void> ClientRole::session(std::uint32_t request_id, ipc::Establish request) {
  ClientSession session{loop_, request, trust_, bind_addresses_};
  async::Timer deadline{loop_, session_limit_};
  auto outcome = co_await (session.establish() || deadline.wait());
  const bool in_time = outcome.index() == 0;
  KeResult result = std::unexpected(session.timed_out());
  if (in_time) result = std::move(std::get<0>(outcome));
  co_await answer(request_id, std::move(result));
  if (in_time) session.close();
}

asio::awaitable<void> ClientRole::refuse(std::uint32_t request_id) {
  KeResult busy =
      std::unexpected(KeFailure{KeFailureReason::busy, "too many key exchanges at the same time"});
  co_await answer(request_id, std::move(busy));
}

asio::awaitable<void> ClientRole::answer(std::uint32_t request_id, KeResult result) {
  auto datagram = result
                      ? ipc::encode(ipc::Established{std::move(*result)}, request_id)
                      : ipc::encode(ipc::EstablishFailed{presentable(std::move(result.error()))}, request_id);
  [[maybe_unused]] const bool sent = co_await core_.send(std::move(datagram));
}

}  // namespace gnomon::ntske
