// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/client/client_session.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "async/endpoints.hpp"
#include "helpers/ntske/client/client_failures.hpp"
#include "helpers/ntske/client/seen_chain.hpp"
#include "protocol/nts/records.hpp"

namespace gnomon::ntske {
namespace {

using namespace asio::experimental::awaitable_operators;
using protocol::AeadId;
using protocol::KeFailure;
using protocol::KeFailureReason;

// Three attempts of TCP. After that, another address of the name is tried.
constexpr std::chrono::seconds connect_limit{4};

KeFailure internal(std::string detail) {
  return {KeFailureReason::internal, std::move(detail)};
}

}  // namespace

ClientSession::ClientSession(async::Loop& loop, const ipc::Establish& request, const TrustStore& trust,
                             const std::vector<base::IpAddress>& bind_addresses)
    : loop_(loop),
      request_(request),
      trust_(trust),
      bind_addresses_(bind_addresses),
      check_(request.name, request.verification_time, request.date_check) {}

void ClientSession::look(ipc::Inspected& seen) {
  seen_ = &seen;
  check_.only_look();
}

asio::awaitable<KeResult> ClientSession::establish() {
  begun_ = loop_.now().mono;
  auto failure = co_await open_connection();
  if (failure) co_return std::unexpected(std::move(*failure));
  failure = co_await shake_hands();
  if (failure) co_return std::unexpected(std::move(*failure));
  co_return co_await exchange();
}

void ClientSession::close() {
  if (stream_) stream_->close();
}

KeFailure ClientSession::timed_out() const {
  switch (phase_) {
    case ClientPhase::connecting:
      return {KeFailureReason::timeout, "no answer to the connection attempt"};
    case ClientPhase::handshake:
      return {KeFailureReason::timeout, "the TLS handshake did not finish"};
    case ClientPhase::waiting_for_answer:
      break;
  }
  return {KeFailureReason::timeout, "no complete answer after the TLS handshake"};
}

ClientSession::Failure ClientSession::bind_local(asio::ip::tcp::socket& socket) const {
  boost::system::error_code ec;
  for (const auto& address : bind_addresses_)
    if (address.family == request_.server.address.family) socket.bind(async::to_asio({address, 0}), ec);
  if (!ec) return std::nullopt;
  return KeFailure{KeFailureReason::unreachable,
                   fmt::format("cannot use the address of bindacqaddress: {}", ec.message())};
}

asio::awaitable<ClientSession::Failure> ClientSession::open_connection() {
  const auto server = async::to_asio(request_.server);
  asio::ip::tcp::socket socket{loop_.io()};
  boost::system::error_code opened;
  socket.open(server.protocol(), opened);
  if (opened) co_return connect_failure(opened);
  auto unbound = bind_local(socket);
  if (unbound) co_return unbound;
  async::Timer timeout{loop_, connect_limit};
  const auto connected = co_await (socket.async_connect(server, tok) || timeout.wait());
  if (connected.index() == 1) co_return timed_out();
  const auto [ec] = std::get<0>(connected);
  if (ec) co_return connect_failure(ec);
  if (seen_ != nullptr) seen_->connected = since_begin();
  socket.set_option(asio::ip::tcp::no_delay(true), opened);

  context_ = trust_.make_context(request_.cert_set, request_.verification_time, request_.date_check);
  // A probe looks on without an authority: the chain is not trusted then.
  if (!context_ && seen_ != nullptr) context_ = make_context(TlsSide::client);
  if (!context_)
    co_return KeFailure{
        KeFailureReason::certificate_untrusted,
        fmt::format("certificate set {} holds no usable authority; see ntstrustedcerts", request_.cert_set)};
  check_.trust(trust_.pinned(request_.cert_set));
  auto tls = make_session(*context_);
  if (!tls || !check_.attach(*tls)) co_return internal("out of memory");
  stream_.emplace(std::move(socket), std::move(tls));
  co_return std::nullopt;
}

asio::awaitable<ClientSession::Failure> ClientSession::shake_hands() {
  phase_ = ClientPhase::handshake;
  const auto shaken = co_await stream_->connect(request_.verification_time);
  if (seen_ != nullptr && shaken) describe_handshake();
  if (shaken) {
    if (seen_ == nullptr)
      if (auto wrong = check_.wrong_name(stream_->session())) co_return wrong;
    if (negotiated_ntske(stream_->session())) co_return std::nullopt;
    co_return KeFailure{KeFailureReason::no_alpn, "the server did not select ntske/1"};
  }
  if (auto verdict = check_.verdict(shaken.error().error)) co_return verdict;
  co_return tls_failure(shaken.error());
}

void ClientSession::describe_handshake() {
  seen_->shaken = since_begin();
  auto& session = stream_->session();
  const auto word = [](const char* text) { return std::string{text == nullptr ? "" : text}; };
  seen_->tls_version = word(wolfSSL_get_version(&session));
  seen_->cipher = word(wolfSSL_get_cipher_name(&session));
  seen_->group = word(wolfSSL_get_curve_name(&session));
  const auto chain = peer_chain(session);
  describe_chain(chain, request_.name, *seen_);
  seen_->distrust = check_.distrust();
  seen_->trusted = !chain.empty() && seen_->distrust.empty();
}

asio::awaitable<KeResult> ClientSession::exchange() {
  phase_ = ClientPhase::waiting_for_answer;
  const protocol::KeRequest request{request_.aeads};
  const auto octets = protocol::encode(request);
  const auto written = co_await stream_->write(octets);
  if (!written) co_return std::unexpected(tls_failure(written.error()));
  const auto message = co_await read_response();
  if (!message) co_return std::unexpected(message.error());
  if (seen_ != nullptr) seen_->finished = since_begin();
  co_return read_session(*message);
}

asio::awaitable<std::expected<base::Buffer, KeFailure>> ClientSession::read_response() {
  base::Buffer response;
  std::size_t whole = 0;
  std::array<std::uint8_t, 2048> piece{};
  for (;;) {
    const auto count = co_await stream_->read(piece);
    if (!count && count.error().closed() && !response.empty())
      co_return std::unexpected(
          KeFailure{KeFailureReason::bad_response, "the connection ended in the middle of the answer"});
    if (!count) co_return std::unexpected(tls_failure(count.error()));
    response.insert(response.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*count));
    const auto progress = protocol::ke_progress(response, protocol::max_ke_response_size, whole);
    if (progress == protocol::KeProgress::complete) co_return response;
    if (progress == protocol::KeProgress::too_long)
      co_return std::unexpected(
          KeFailure{KeFailureReason::bad_response,
                    fmt::format("the answer is longer than {} octets", protocol::max_ke_response_size)});
    if (progress == protocol::KeProgress::malformed)
      co_return std::unexpected(KeFailure{KeFailureReason::bad_response, "the answer is malformed"});
  }
}

KeResult ClientSession::read_session(base::Bytes message) {
  auto response = protocol::parse_ke_response(message, {request_.aeads});
  if (!response) return std::unexpected(response_failure(response.error()));
  // A server that did not answer record 1024 may export the keys of AEAD 30 in either way: chrony 4.4-4.6 do
  // it under the number of AEAD 15. Both are kept, the older way first.
  const bool two_ways = response->aead == AeadId::aes_128_gcm_siv && !response->compliant_aes_128_gcm_siv;
  const auto own_number = static_cast<std::uint16_t>(response->aead);
  const auto first_number = two_ways ? static_cast<std::uint16_t>(AeadId::aes_siv_cmac_256) : own_number;
  auto keys = export_keys(stream_->session(), response->aead, first_number);
  if (!keys) return std::unexpected(internal("the keys cannot be exported"));
  protocol::NtsSession session{.keys = std::move(*keys),
                               .compliant_keys = std::nullopt,
                               .cookies = std::move(response->cookies),
                               .ntp_server = std::move(response->ntp_server),
                               .ntp_port = response->ntp_port};
  if (two_ways) {
    session.compliant_keys = export_keys(stream_->session(), response->aead, own_number);
    if (!session.compliant_keys) return std::unexpected(internal("the keys cannot be exported"));
  }
  return session;
}

}  // namespace gnomon::ntske
