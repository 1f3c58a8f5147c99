// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/server_role.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <ctime>
#include <utility>

#include "base/os/random.hpp"
#include "helpers/ntske/endpoints.hpp"
#include "helpers/ntske/tls_stream.hpp"
#include "ipc/codec.hpp"

namespace gnomon::ntske {
namespace {

using asio::experimental::awaitable_operators::operator||;  // NOLINT(misc-unused-using-decls): is used
using ipc::SessionEnd;

// When descriptors or memory are short, accept fails at once and would spin.
constexpr std::chrono::milliseconds accept_pause{100};
// Refused connections whose report waits for the core; more than that are refused without one.
constexpr std::size_t max_reports = 256;
constexpr std::size_t remembered_clients = 4096;  // by ntsratelimit

ServerOffer make_offer(const ipc::KeServerSetup& setup) {
  ServerOffer offer{.aeads = {}, .ntp_port = setup.ntp_port, .ntp_server = setup.ntp_server};
  for (const auto number : setup.aeads)
    if (const auto aead = protocol::aead_from_number(number)) offer.aeads.push_back(*aead);
  return offer;
}

asio::ip::tcp protocol_of(int listener) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  const bool named = ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0;  // NOLINT
  return named && address.ss_family == AF_INET6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4();
}

base::MonoTime monotonic_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return base::MonoTime{std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec}};
}

std::uint32_t random_number() {
  std::array<std::uint8_t, sizeof(std::uint32_t)> octets{};
  base::fill_random(octets);
  return base::ByteReader{octets}.read<std::uint32_t>().value_or(0);
}

}  // namespace

ServerRole::ServerRole(const asio::any_io_executor& executor, int channel_fd, const ipc::KeServerSetup& setup,
                       ServerCertificates certificates)
    : executor_(executor),
      link_(executor, channel_fd, ipc::Link::ke_server),
      orders_(link_),
      certificates_(std::move(certificates)),
      offer_(make_offer(setup)),
      access_(setup.access),
      max_sessions_(setup.max_connections),
      acceptors_(executor),
      sessions_(executor),
      reports_(executor) {
  if (setup.rate_limit) {
    const base::RateLimit limit{setup.rate_interval, setup.rate_burst, setup.rate_leak};
    rate_ = {limit, remembered_clients, random_number()};
  }
  for (const int listener : setup.listeners) {
    listeners_.emplace_back(executor, protocol_of(listener), listener);
    listeners_.back().non_blocking(true);  // other processes accept from it too
  }
}

asio::awaitable<LinkEnd> ServerRole::run() {
  for (auto& listener : listeners_) acceptors_.spawn(accept_from(listener));
  const auto end = co_await answer_core();
  co_await acceptors_.drain();
  co_await sessions_.drain();
  co_await reports_.drain();
  co_return end;
}

asio::awaitable<LinkEnd> ServerRole::answer_core() {
  for (;;) {
    const auto frame = co_await link_.receive();
    if (!frame) co_return frame.error();
    std::optional<std::vector<base::Buffer>> cookies;
    if (frame->type == ipc::MessageType::sealed_cookies) {
      auto sealed = ipc::decode<ipc::SealedCookies>(*frame);
      if (!sealed) co_return LinkEnd::bad_frame;
      cookies = std::move(sealed->cookies);
    } else if (!ipc::decode<ipc::SealRefused>(*frame)) {
      co_return LinkEnd::bad_frame;
    }
    if (!orders_.fulfil(frame->request_id, std::move(cookies))) co_return LinkEnd::bad_frame;
  }
}

asio::awaitable<void> ServerRole::accept_from(asio::ip::tcp::acceptor& listener) {
  asio::steady_timer pause{executor_};
  for (;;) {
    auto [ec, socket] = co_await listener.async_accept(tok);
    if (ec == asio::error::operation_aborted) co_return;
    if (!ec) {
      begin(std::move(socket));
      continue;
    }
    pause.expires_after(accept_pause);
    const auto [waited] = co_await pause.async_wait(tok);
    static_cast<void>(waited);
  }
}

void ServerRole::begin(asio::ip::tcp::socket socket) {
  boost::system::error_code ec;
  const auto peer = socket.remote_endpoint(ec);
  const auto client = ec ? base::Endpoint{} : from_asio(peer);
  const auto refused = ec ? SessionEnd::closed : refusal(client);
  if (!refused) {
    sessions_.spawn(session(std::move(socket), client));
  } else if (client.address.is_specified() && reports_.size() < max_reports) {
    reports_.spawn(report(client, *refused));
  }
}

std::optional<SessionEnd> ServerRole::refusal(const base::Endpoint& client) {
  if (!access_.allows(client.address)) return SessionEnd::denied_address;
  if (sessions_.size() >= max_sessions_) return SessionEnd::over_limit;
  if (rate_.admit(client.address, monotonic_now(), random_number()) != base::Admission::pass)
    return SessionEnd::over_limit;
  return std::nullopt;
}

asio::awaitable<void> ServerRole::session(asio::ip::tcp::socket socket, base::Endpoint client) {
  boost::system::error_code ignored;  // without it the answer is only later
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  auto tls = certificates_.new_session();
  if (!tls) {
    co_await report(client, SessionEnd::internal);
    co_return;
  }
  TlsStream stream{std::move(socket), std::move(tls)};
  asio::steady_timer deadline{executor_, server_session_limit};
  const auto outcome = co_await (serve_session(stream, client, offer_, orders_) || deadline.async_wait(tok));
  const bool in_time = outcome.index() == 0;
  co_await report(client, in_time ? std::get<0>(outcome) : SessionEnd::timeout);
  if (!in_time) co_return;
  const auto closed = co_await (stream.close() || deadline.async_wait(tok));
  static_cast<void>(closed);
}

asio::awaitable<void> ServerRole::report(base::Endpoint client, SessionEnd how) {
  auto datagram = ipc::encode(ipc::SessionEnded{.client = client, .how = how}, 0);
  co_await link_.send(std::move(datagram));
}

}  // namespace gnomon::ntske
