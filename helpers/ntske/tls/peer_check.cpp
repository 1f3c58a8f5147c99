// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/tls/peer_check.hpp"

#include <fmt/format.h>
#include <wolfssl/error-ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/address.hpp"
#include "base/utc_text.hpp"

namespace gnomon::ntske {
namespace {

using protocol::KeFailure;
using protocol::KeFailureReason;

// Each build of the library has numbers of its own for the same finding: its own negative ones, X509_V_ERR_*,
// and X509_V_ERR_ERROR_IN_CERT_NOT_*_FIELD.
constexpr bool is_not_yet_valid(int error) {
  return error == ASN_BEFORE_DATE_E || error == 9 || error == 13;
}
constexpr bool is_expired(int error) {
  return error == ASN_AFTER_DATE_E || error == 10 || error == 14;
}
constexpr bool is_wrong_name(int error) {
  return error == DOMAIN_NAME_MISMATCH || error == IPADDR_MISMATCH || error == 62 || error == 64;
}
constexpr bool is_untrusted(int error) {
  return error == ASN_NO_SIGNER_E || error == ASN_SELF_SIGNED_E || (error >= 18 && error <= 21) || error == 2;
}
constexpr bool is_invalid(int error) {
  switch (error) {
    case 7:   // X509_V_ERR_CERT_SIGNATURE_FAILURE
    case 22:  // X509_V_ERR_CERT_CHAIN_TOO_LONG
    case 24:  // X509_V_ERR_INVALID_CA
    case ASN_PARSE_E:
    case ASN_SIG_OID_E:
    case ASN_SIG_CONFIRM_E:
    case ASN_SIG_HASH_E:
    case ASN_SIG_KEY_E:
    case ASN_CRIT_EXT_E:
    case ASN_NAME_INVALID_E:
    case ASN_PATHLEN_SIZE_E:
    case ASN_PATHLEN_INV_E:
    case KEYUSAGE_E:
    case EXTKEYUSAGE_E:
    case KEYUSE_SIGNATURE_E:
    case EXTKEYUSE_AUTH_E:
    case NO_PEER_CERT:
    case MAX_CHAIN_ERROR:
    case RSA_KEY_SIZE_E:
    case ECC_KEY_SIZE_E:
      return true;
    default:
      return false;
  }
}

// How the library writes an address of a certificate: IPv6 as eight groups of four digits.
std::string name_to_match(const std::string& name) {
  const auto address = base::parse_address(name);
  if (!address || address->family != base::AddressFamily::ipv6) return name;
  std::string text;
  for (std::size_t i = 0; i < 16; i += 2)
    text += fmt::format("{}{:02x}{:02x}", i == 0 ? "" : ":", address->octets[i], address->octets[i + 1]);
  return text;
}

// Of the chain that is being verified.
std::optional<Certificate> certificate_of(const WOLFSSL_X509_STORE_CTX& store, int place) {
  if (store.certs == nullptr || place < 0 || place >= store.totalCerts) return std::nullopt;
  const auto& der = store.certs[place];  // NOLINT(*-pointer-arithmetic): the library's array
  return read_certificate({der.buffer, der.length});
}

std::optional<Certificate> certificate_at(WOLFSSL_X509_CHAIN* chain, int place) {
  if (chain == nullptr || wolfSSL_get_chain_count(chain) <= place) return std::nullopt;
  return read_certificate({wolfSSL_get_chain_cert(chain, place),
                           static_cast<std::size_t>(wolfSSL_get_chain_length(chain, place))});
}

std::optional<Certificate> peer_of(WOLFSSL& session) {
  return certificate_at(wolfSSL_get_peer_chain(&session), 0);
}

constexpr std::string_view not_issued_by_trusted = "issued by an authority that is not trusted";

std::string text_of(int error) {
  std::array<char, WOLFSSL_MAX_ERROR_SZ> text{};
  wolfSSL_ERR_error_string_n(static_cast<unsigned long>(error < 0 ? -error : error), text.data(),
                             text.size());
  return text.data();
}

}  // namespace

PeerCheck::PeerCheck(std::string name, base::RealTime verification_time, protocol::DateCheck dates)
    : name_(std::move(name)), verification_time_(verification_time), dates_(dates) {
  if (name_.ends_with('.')) name_.pop_back();  // the root label is in no certificate
}

bool PeerCheck::attach(WOLFSSL& session) {
  wolfSSL_set_verify(&session, WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT, on_certificate);
  wolfSSL_SetCertCbCtx(&session, this);
  // RFC 6066 section 3: no literal addresses in the server name.
  if (!base::parse_address(name_) &&
      wolfSSL_UseSNI(&session, WOLFSSL_SNI_HOST_NAME, name_.data(),
                     static_cast<unsigned short>(name_.size())) != WOLFSSL_SUCCESS)
    return false;
  // The library tells one fault of a certificate alone, and a wrong name before one that is not trusted.
  if (only_looks_) return true;
  return wolfSSL_check_domain_name(&session, name_to_match(name_).c_str()) == WOLFSSL_SUCCESS;
}

int PeerCheck::on_certificate(int verified, WOLFSSL_X509_STORE_CTX* store) {
  if (verified == 1) return 1;
  auto& self = *static_cast<PeerCheck*>(store->userCtx);
  const auto pinned = self.pinned_one(*store);
  if (self.only_looks_) {
    if (!pinned) self.note_distrust(store->error);
    return 1;
  }
  return (pinned ? self.accepts_pinned(*pinned, *store) : self.accepts(*store)) ? 1 : 0;
}

// Only the date is forgiven: the library goes on to check the name, and has checked the signature before.
bool PeerCheck::accepts(const WOLFSSL_X509_STORE_CTX& store) {
  if (forgives(store.error)) return true;
  const bool date = is_not_yet_valid(store.error) || is_expired(store.error);
  refuse(store.error, date ? certificate_of(store, store.error_depth) : std::nullopt);
  return false;
}

// That nobody vouches for it is all that is forgiven, and what else came with it counts for nothing. Having
// found that, the library looks at neither the dates nor the name.
bool PeerCheck::accepts_pinned(const Certificate& own, const WOLFSSL_X509_STORE_CTX& store) {
  if (store.error_depth > 0) return true;
  if (!is_untrusted(store.error)) return accepts(store);
  const auto now = verification_time_;
  if (!forgives(ASN_AFTER_DATE_E) && !(own.not_after && *own.not_after >= now))
    refuse(ASN_AFTER_DATE_E, own);
  else if (!forgives(ASN_BEFORE_DATE_E) && !(own.not_before && *own.not_before <= now))
    refuse(ASN_BEFORE_DATE_E, own);
  else
    return true;
  return false;
}

// The server's own certificate, if it is one of those that are trusted as they are.
std::optional<Certificate> PeerCheck::pinned_one(const WOLFSSL_X509_STORE_CTX& store) const {
  if (pinned_.empty()) return std::nullopt;
  auto own = certificate_of(store, 0);
  if (own && std::ranges::find(pinned_, own->fingerprint) == pinned_.end()) own.reset();
  return own;
}

void PeerCheck::refuse(int error, const std::optional<Certificate>& certificate) {
  error_ = error;
  if (!certificate) return;
  not_before_ = certificate->not_before;
  presented_ = *certificate;
  not_after_ = certificate->not_after;
}

bool PeerCheck::forgives(int error) const {
  if (is_not_yet_valid(error)) return dates_ != protocol::DateCheck::strict;
  return is_expired(error) && dates_ == protocol::DateCheck::ignore;
}

void PeerCheck::note_distrust(int error) {
  if (!distrust_.empty() || is_not_yet_valid(error) || is_expired(error) || is_wrong_name(error)) return;
  distrust_ = is_untrusted(error) ? std::string{not_issued_by_trusted} : text_of(error);
}

std::optional<KeFailure> PeerCheck::wrong_name(WOLFSSL& session) const {
  const auto certificate = peer_of(session);
  if (!certificate) return wrong_name();
  if (const auto address = base::parse_address(name_)) {
    if (is_for_address(*certificate, *address)) return std::nullopt;
    return wrong_name();
  }
  // The library would do with a part of a label (s*.example), which RFC 9525 section 6.3 forbids.
  if (is_for_name(*certificate, name_)) return std::nullopt;
  if (!certificate->dns_names.empty()) return wrong_name();
  return KeFailure{KeFailureReason::certificate_wrong_name,
                   fmt::format("the certificate has no subject alternative name, and {} as its common name "
                               "does not count (RFC 9525)",
                               name_)};
}

KeFailure PeerCheck::wrong_name() const {
  const auto text = fmt::format("the certificate is not for {}", name_);
  if (!presented_ || presented_->dns_names.empty()) return {KeFailureReason::certificate_wrong_name, text};
  return {KeFailureReason::certificate_wrong_name,
          fmt::format("{}, but for {}{}", text, presented_->dns_names.front(),
                      presented_->dns_names.size() > 1 ? " and others" : "")};
}

std::optional<KeFailure> PeerCheck::verdict(int error) const {
  // Positive numbers mean something else outside the callback.
  const auto is = [&](bool (*kind)(int)) { return (error < 0 && kind(error)) || kind(error_); };
  const auto now = base::utc_seconds(verification_time_);
  if (is(is_wrong_name)) return wrong_name();
  if (is(is_expired))
    return KeFailure{KeFailureReason::certificate_expired,
                     not_after_
                         ? fmt::format("expired on {}, checked at {}", base::utc_seconds(*not_after_), now)
                         : fmt::format("expired, checked at {}", now)};
  if (is(is_not_yet_valid))
    return KeFailure{KeFailureReason::certificate_not_yet_valid,
                     not_before_
                         ? fmt::format("valid from {}, checked at {}", base::utc_seconds(*not_before_), now)
                         : fmt::format("not yet valid, checked at {}", now)};
  if (is(is_untrusted))
    return KeFailure{KeFailureReason::certificate_untrusted, std::string{not_issued_by_trusted}};
  if (is(is_invalid))
    return KeFailure{KeFailureReason::certificate_invalid, text_of(error_ < 0 ? error_ : error)};
  return std::nullopt;
}

std::vector<Certificate> peer_chain(WOLFSSL& session) {
  std::vector<Certificate> certificates;
  auto* const chain = wolfSSL_get_peer_chain(&session);
  const int count = chain == nullptr ? 0 : wolfSSL_get_chain_count(chain);
  for (int i = 0; i < count; ++i)
    if (auto one = certificate_at(chain, i)) certificates.push_back(std::move(*one));
  return certificates;
}

}  // namespace gnomon::ntske
