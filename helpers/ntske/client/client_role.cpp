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

ClientRole::ClientRole(const asio::any_io_executor& executor, int channel_fd, const ipc::KeClientSetup& setup,
                       TrustStore trust, std::chrono::milliseconds session_limit)
    : executor_(executor),
      link_(executor, channel_fd, ipc::Link::ke_client),
      trust_(std::move(trust)),
      bind_addresses_(setup.bind_addresses),
      session_limit_(session_limit),
      sessions_(executor) {}

asio::awaitable<LinkEnd> ClientRole::run() {
  const auto end = co_await serve_requests();
  co_await sessions_.drain();
  co_return end;
}

asio::awaitable<LinkEnd> ClientRole::serve_requests() {
  for (;;) {
    const auto frame = co_await link_.receive();
    if (!frame) co_return frame.error();
    auto order = ipc::decode<ipc::Establish>(*frame);
    if (!order || frame->request_id == 0) co_return LinkEnd::bad_frame;
    if (sessions_.size() < max_client_sessions) {
      sessions_.spawn(session(frame->request_id, std::move(*order)));
    } else {
      // Awaited here: a core that goes on ordering waits for its answers.
      co_await refuse(frame->request_id);
    }
  }
}

asio::awaitable<void> ClientRole::session(std::uint32_t request_id, ipc::Establish order) {
  ClientSession session{order, trust_, bind_addresses_};
  asio::steady_timer deadline{executor_, session_limit_};
  auto outcome = co_await (session.establish() || deadline.async_wait(tok));
  const bool in_time = outcome.index() == 0;
  KeResult result = std::unexpected(session.timed_out());
  if (in_time) result = std::move(std::get<0>(outcome));
  co_await answer(request_id, std::move(result));
  if (!in_time) co_return;
  const auto closed = co_await (session.close() || deadline.async_wait(tok));
  static_cast<void>(closed);
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
  co_await link_.send(std::move(datagram));
}

}  // namespace gnomon::ntske
