// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/client/client_failures.hpp"

#include <fmt/format.h>
#include <wolfssl/error-ssl.h>

#include <array>
#include <string>
#include <string_view>

#include "async/asio.hpp"
#include "protocol/nts/ke_failure_words.hpp"

namespace gnomon::ntske {
namespace {

using protocol::KeFailure;
using protocol::KeFailureReason;
using protocol::KeResponseError;

constexpr int no_application_protocol = 120;

struct AlertName {
  int number;
  std::string_view name;
};
// RFC 8446 section 6: those a server sends to a client.
constexpr std::array<AlertName, 11> alerts{{{10, "unexpected_message"},
                                            {20, "bad_record_mac"},
                                            {40, "handshake_failure"},
                                            {47, "illegal_parameter"},
                                            {50, "decode_error"},
                                            {51, "decrypt_error"},
                                            {70, "protocol_version"},
                                            {71, "insufficient_security"},
                                            {80, "internal_error"},
                                            {112, "unrecognized_name"},
                                            {no_application_protocol, "no_application_protocol"}}};

std::string alert_text(int alert) {
  for (const auto& known : alerts)
    if (known.number == alert) return fmt::format("the server sent alert {} ({})", alert, known.name);
  return fmt::format("the server sent alert {}", alert);
}

std::string library_text(int error) {
  std::array<char, WOLFSSL_MAX_ERROR_SZ> text{};
  wolfSSL_ERR_error_string_n(static_cast<unsigned long>(-error), text.data(), text.size());
  return fmt::format("{} ({})", text.data(), error);
}

}  // namespace

KeFailure connect_failure(const boost::system::error_code& error) {
  if (error == asio::error::connection_refused)
    return {KeFailureReason::connect_refused, "no NTS-KE server listens there"};
  if (error == asio::error::timed_out)
    return {KeFailureReason::timeout, "no answer to the connection attempt"};
  if (error == asio::error::connection_reset) return {KeFailureReason::closed_by_peer, error.message()};
  return {KeFailureReason::unreachable, error.message()};
}

KeFailure tls_failure(const TlsFailure& failure) {
  constexpr int close_notify = 0;
  if (failure.no_tls)
    return {KeFailureReason::tls_handshake,
            fmt::format("{} (HTTP?): a captive portal or proxy?", protocol::no_tls_server)};
  if (failure.alert == no_application_protocol || failure.error == UNKNOWN_ALPN_PROTOCOL_NAME_E)
    return {KeFailureReason::no_alpn, "the server does not speak ntske/1"};
  if (failure.alert && failure.alert != close_notify)
    return {KeFailureReason::tls_handshake, alert_text(*failure.alert)};
  if (failure.closed()) return {KeFailureReason::closed_by_peer, "the server closed the connection"};
  return {KeFailureReason::tls_handshake, library_text(failure.error)};
}

KeFailure response_failure(const protocol::KeResponseFailure& failure) {
  const auto text = protocol::to_text(failure.error);
  const auto detail = failure.code ? fmt::format("{} {}", text, *failure.code) : std::string{text};
  switch (failure.error) {
    case KeResponseError::error_record:
    case KeResponseError::warning_record:
      return {KeFailureReason::refused_by_server, detail};
    case KeResponseError::no_common_aead:
      return {KeFailureReason::no_common_aead, detail};
    default:
      return {KeFailureReason::bad_response, detail};
  }
}

}  // namespace gnomon::ntske
