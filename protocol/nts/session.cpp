// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/nts/session.hpp"

namespace gnomon::protocol {

std::string_view to_text(KeFailureReason reason) {
  switch (reason) {
    case KeFailureReason::resolve_failed:
      return "name could not be resolved";
    case KeFailureReason::connect_refused:
      return "connection refused";
    case KeFailureReason::unreachable:
      return "server unreachable";
    case KeFailureReason::timeout:
      return "timed out";
    case KeFailureReason::closed_by_peer:
      return "connection closed by the server";
    case KeFailureReason::tls_handshake:
      return "TLS handshake failed";
    case KeFailureReason::certificate_expired:
      return "certificate has expired";
    case KeFailureReason::certificate_not_yet_valid:
      return "certificate is not yet valid";
    case KeFailureReason::certificate_wrong_name:
      return "certificate is for another name";
    case KeFailureReason::certificate_untrusted:
      return "certificate is not signed by a trusted authority";
    case KeFailureReason::certificate_invalid:
      return "certificate is invalid";
    case KeFailureReason::no_alpn:
      return "server does not speak NTS-KE (no ALPN ntske/1)";
    case KeFailureReason::bad_response:
      return "response breaks the NTS-KE protocol";
    case KeFailureReason::refused_by_server:
      return "server answered with an error";
    case KeFailureReason::no_common_aead:
      return "no AEAD in common with the server";
    case KeFailureReason::busy:
      return "too many key exchanges in progress";
    case KeFailureReason::internal:
      break;
  }
  return "internal failure";
}

}  // namespace gnomon::protocol
