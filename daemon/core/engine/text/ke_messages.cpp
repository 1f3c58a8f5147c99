// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/text/ke_messages.hpp"

#include <fmt/format.h>

#include <chrono>

#include "daemon/core/engine/text/amount.hpp"
#include "protocol/nts/ke_failure_words.hpp"

namespace gnomon::engine {

namespace {

using protocol::KeFailureReason;

constexpr std::string_view between =
    "if that certificate is not the server's, something stands in between: a captive portal to log in to, or "
    "a proxy";

std::string remedy(const protocol::KeFailure& failure, const config::Source& source) {
  switch (failure.reason) {
    case KeFailureReason::resolve_failed:
      return "Check the name and the DNS";
    case KeFailureReason::connect_refused:
      return fmt::format("Check that the server offers NTS on TCP port {}; option ntsport sets another",
                         source.nts_port);
    case KeFailureReason::unreachable:
      return "Check the network and its route to the server";
    case KeFailureReason::timeout:
    case KeFailureReason::closed_by_peer:
      return fmt::format(
          "Check that no firewall blocks TCP port {} towards it, and that its NTS-KE service is up",
          source.nts_port);
    case KeFailureReason::tls_handshake:
      if (failure.detail.starts_with(protocol::no_tls_server))
        return "Log in to this network if it asks for that (a browser shows it), or ask who runs it to let "
               "TCP port "
               "4460 pass; if it is the server itself, check that the port is its NTS-KE port";
      return "The server must support TLS 1.3, with a certificate whose key is RSA (not RSA-PSS), Ed25519, "
             "or ECDSA on P-256 or P-384; check that the port is its NTS-KE port";
    case KeFailureReason::certificate_expired:
      return "Check this machine's clock (`date`): if it is ahead, set it (`timedatectl set-time`), or let a "
             "source without nts set it (`authselectmode prefer`); if it is right, the server's operator "
             "must renew the certificate";
    case KeFailureReason::certificate_not_yet_valid:
      return "Check this machine's clock (`date`); if it is right, the server's operator must renew the "
             "certificate";
    case KeFailureReason::certificate_wrong_name:
      return fmt::format("Use a name in the configuration that is in the server's certificate; {}", between);
    case KeFailureReason::certificate_untrusted:
      return fmt::format(
          "If the authority is a private one, add its certificate with `ntstrustedcerts {}FILE`; if it is "
          "there, the "
          "server does not send an intermediate certificate, which its operator must fix; {}",
          source.cert_set == 0 ? std::string{} : fmt::format("{} ", source.cert_set), between);
    case KeFailureReason::certificate_invalid:
    case KeFailureReason::bad_response:
    case KeFailureReason::refused_by_server:
      return "Only the server's operator can fix this; use another server in the meantime";
    case KeFailureReason::no_alpn:
      return fmt::format("Another service listens on TCP port {}; option ntsport sets another port",
                         source.nts_port);
    case KeFailureReason::no_common_aead:
      return "The directive ntsaeads must allow an AEAD that the server has; every server has 15";
    case KeFailureReason::busy:
    case KeFailureReason::internal:
      break;
  }
  return "Nothing to do: it is retried";
}

}  // namespace

std::string_view stage_of(KeFailureReason reason) {
  switch (reason) {
    case KeFailureReason::resolve_failed:
      return "name resolution";
    case KeFailureReason::connect_refused:
    case KeFailureReason::unreachable:
    case KeFailureReason::timeout:
    case KeFailureReason::closed_by_peer:
      return "connection";
    case KeFailureReason::tls_handshake:
    case KeFailureReason::no_alpn:
      return "TLS";
    case KeFailureReason::certificate_expired:
    case KeFailureReason::certificate_not_yet_valid:
    case KeFailureReason::certificate_wrong_name:
    case KeFailureReason::certificate_untrusted:
    case KeFailureReason::certificate_invalid:
      return "certificate";
    case KeFailureReason::bad_response:
    case KeFailureReason::refused_by_server:
    case KeFailureReason::no_common_aead:
      return "answer";
    case KeFailureReason::busy:
    case KeFailureReason::internal:
      break;
  }
  return "here";
}

std::string next_try(base::Duration later) {
  if (later < std::chrono::seconds{1}) return {};
  return fmt::format("; it is tried again in {}, or soon after `gnomonctl online`", age_text(later));
}

std::string describe(const protocol::KeFailure& failure, const config::Source& source) {
  std::string text = fmt::format("{}: {}", stage_of(failure.reason), protocol::to_text(failure.reason));
  if (!failure.detail.empty()) text += " (" + failure.detail + ")";
  return text + ". " + remedy(failure, source);
}

}  // namespace gnomon::engine
