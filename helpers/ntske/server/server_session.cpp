// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/server/server_session.hpp"

#include <wolfssl/error-ssl.h>

#include <array>
#include <expected>
#include <utility>

#include "protocol/nts/records.hpp"

namespace gnomon::ntske {
namespace {

using ipc::SessionEnd;
using protocol::KeErrorCode;

struct Reply {
  base::Buffer message;
  SessionEnd how;
};

Reply error_reply(KeErrorCode code) {
  const bool ours = code == KeErrorCode::internal_server_error;
  return {protocol::encode_ke_error(code), ours ? SessionEnd::internal : SessionEnd::bad_request};
}

SessionEnd end_of(const TlsFailure& failure) {
  constexpr int no_application_protocol = 120;
  if (failure.cancelled) return SessionEnd::timeout;
  if (failure.error == UNKNOWN_ALPN_PROTOCOL_NAME_E || failure.alert == no_application_protocol)
    return SessionEnd::no_alpn;
  return failure.closed() ? SessionEnd::closed : SessionEnd::tls_failed;
}

// A whole request, however it was cut into pieces; Error 1 when it can never become one.
asio::awaitable<std::expected<base::Buffer, SessionEnd>> read_request(TlsStream& stream) {
  base::Buffer request;
  std::size_t whole = 0;
  std::array<std::uint8_t, 1024> piece{};
  for (;;) {
    const auto count = co_await stream.read(piece);
    if (!count) co_return std::unexpected(end_of(count.error()));
    request.insert(request.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*count));
    const auto progress = protocol::ke_progress(request, protocol::max_ke_request_size, whole);
    if (progress == protocol::KeProgress::complete) co_return request;
    if (progress != protocol::KeProgress::need_more) co_return std::unexpected(SessionEnd::bad_request);
  }
}

// chrony 4.4-4.6 export the keys of AEAD 30 under the number of AEAD 15 unless both say record 1024.
std::uint16_t aead_in_context(protocol::AeadId aead, bool compliant) {
  const bool older = aead == protocol::AeadId::aes_128_gcm_siv && !compliant;
  return static_cast<std::uint16_t>(older ? protocol::AeadId::aes_siv_cmac_256 : aead);
}

asio::awaitable<Reply> make_reply(TlsStream& stream, const base::Endpoint& client, const ServerOffer& ours,
                                  CookieRequests& requests, base::Bytes request) {
  const auto offer = protocol::parse_ke_request(request, ours.aeads);
  if (!offer) co_return error_reply(offer.error());
  protocol::KeAnswer answer{.offer = *offer, .cookies = {}, .ntp_server = {}, .ntp_port = {}};
  const auto aead = offer->aead;
  if (!offer->ntpv4 || !aead) co_return Reply{protocol::encode(answer), SessionEnd::served};
  auto keys = export_keys(stream.session(), *aead, aead_in_context(*aead, offer->compliant_aes_128_gcm_siv));
  if (!keys) co_return error_reply(KeErrorCode::internal_server_error);
  ipc::SealCookies wanted{.client = client,
                          .keys = std::move(*keys),
                          .count = static_cast<std::uint8_t>(protocol::cookies_wanted)};
  auto cookies = co_await requests.seal(std::move(wanted));
  if (!cookies) co_return error_reply(KeErrorCode::internal_server_error);
  answer.cookies = std::move(*cookies);
  answer.ntp_server = ours.ntp_server;
  if (ours.ntp_port != protocol::default_ntp_port) answer.ntp_port = ours.ntp_port;
  co_return Reply{protocol::encode(answer), SessionEnd::served};
}

}  // namespace

asio::awaitable<SessionEnd> serve_session(TlsStream& stream, const base::Endpoint& client,
                                          const ServerOffer& offer, CookieRequests& requests,
                                          const std::function<void()>& when_complete) {
  const auto shaken = co_await stream.accept();
  if (!shaken) co_return end_of(shaken.error());
  if (!negotiated_ntske(stream.session())) co_return SessionEnd::no_alpn;
  const auto request = co_await read_request(stream);
  const auto end = request ? SessionEnd::served : request.error();
  if (end == SessionEnd::closed || end == SessionEnd::tls_failed) co_return end;
  auto reply = error_reply(KeErrorCode::bad_request);
  if (request) {
    when_complete();
    auto made = co_await make_reply(stream, client, offer, requests, *request);
    reply = std::move(made);
  }
  if (end == SessionEnd::timeout) reply.how = end;
  const auto written = co_await stream.write_last(reply.message);
  co_return written ? reply.how : SessionEnd::closed;
}

}  // namespace gnomon::ntske
