// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/server/server_certificates.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "base/os/regular_file.hpp"
#include "base/secret.hpp"
#include "base/utc_text.hpp"
#include "helpers/ntske/tls/certificate.hpp"
#include "helpers/ntske/tls/certificate_facts.hpp"
#include "helpers/ntske/tls/pem_file.hpp"
#include "helpers/ntske/tls/refused_key.hpp"
#include "helpers/ntske/tls/trial_handshake.hpp"

namespace gnomon::ntske {
namespace {

std::string unreadable(const std::string& problem, const std::string& path, const char* directive) {
  const auto opened = base::open_regular_file(path);
  if (opened) ::close(*opened);
  if (opened || opened.error().error != EACCES) return fmt::format("{}. Check {}", problem, directive);
  return fmt::format(
      "{}. gnomond was started as the user with number {}: make the file of {} readable for a group of that "
      "user, or pass it on with LoadCredential= in the service",
      problem, ::geteuid(), directive);
}

// First of all: the library takes some of these keys and then makes signatures that others refuse, or it
// stumbles over the certificate.
std::string why_key_of_file_is_refused(const std::string& path) {
  auto key = read_pem_file(path);
  if (!key) return {};
  auto reason = why_key_is_refused(*key);
  base::wipe(*key);
  return reason.empty() ? reason : fmt::format("the private key in {} cannot be used: {}", path, reason);
}

// One that a client could ask for.
std::string name_of(const Certificate& certificate) {
  if (certificate.dns_names.empty())
    return certificate.addresses.empty() ? "localhost" : base::to_string(certificate.addresses.front());
  std::string name = certificate.dns_names.front();
  if (name.starts_with("*.")) name.replace(0, 1, "host");
  return name;
}

}  // namespace

std::expected<ServerCertificates::Pair, std::string> ServerCertificates::load_pair(
    const ipc::CertificatePair& files, const Primitives* primitives) {
  const auto chain = read_pem_file(files.certificate_file);
  if (!chain) return std::unexpected(unreadable(chain.error(), files.certificate_file, "ntsservercert"));
  if (auto refused = why_key_of_file_is_refused(files.key_file); !refused.empty())
    return std::unexpected(std::move(refused));
  auto certificate = first_certificate(*chain);
  Pair pair{.key = std::nullopt, .context = make_context(TlsSide::server), .certificate = {}};
  if (!pair.context) return std::unexpected(std::string{"out of memory"});
  if (!certificate ||
      wolfSSL_CTX_use_certificate_chain_buffer(pair.context.get(), chain->data(),
                                               static_cast<long>(chain->size())) != WOLFSSL_SUCCESS)
    return std::unexpected(
        fmt::format("{} holds no usable certificate chain. ntsservercert needs PEM, with the server's own "
                    "certificate first",
                    files.certificate_file));
  pair.certificate = std::move(*certificate);
  auto key = read_pem_file(files.key_file);
  if (!key) return std::unexpected(unreadable(key.error(), files.key_file, "ntsserverkey"));
  const int used = wolfSSL_CTX_use_PrivateKey_buffer(pair.context.get(), key->data(),
                                                     static_cast<long>(key->size()), WOLFSSL_FILETYPE_PEM);
  const bool works = used == WOLFSSL_SUCCESS && key_fits(pair, *key, primitives);
  base::wipe(*key);
  if (works) return pair;
  if (used != WOLFSSL_SUCCESS)
    return std::unexpected(fmt::format(
        "{} holds no usable private key. ntsserverkey needs PEM without a passphrase", files.key_file));
  return std::unexpected(
      fmt::format("the private key in {} does not belong to the certificate in {}. ntsserverkey and "
                  "ntsservercert are paired in the order they are given",
                  files.key_file, files.certificate_file));
}

bool ServerCertificates::key_fits(Pair& pair, base::Bytes pem, const Primitives* primitives) {
  auto& context = *pair.context;
  if (wolfSSL_CTX_check_private_key(&context) != WOLFSSL_SUCCESS) return false;
  if (primitives != nullptr) pair.key = PrimitivesKey::read(*primitives, pem);
  if (!pair.key) return handshake_works(context);
  pair.key->sign_for(context);
  if (handshake_works(context)) return true;
  PrimitivesKey::leave(context);
  pair.key.reset();
  return handshake_works(context);
}

std::expected<ServerCertificates, std::string> ServerCertificates::load(
    std::span<const ipc::CertificatePair> pairs, const Primitives* primitives) {
  ServerCertificates loaded;
  if (pairs.empty()) return std::unexpected(std::string{"no certificate is configured. Set ntsservercert"});
  for (const auto& files : pairs) {
    auto pair = load_pair(files, primitives);
    if (!pair) return std::unexpected(pair.error());
    loaded.pairs_->push_back(std::move(*pair));
  }
  if (loaded.pairs_->size() > 1) {
    wolfSSL_CTX_set_servername_callback(loaded.pairs_->front().context.get(), choose_by_name);
    wolfSSL_CTX_set_servername_arg(loaded.pairs_->front().context.get(), loaded.pairs_.get());
  }
  return loaded;
}

std::vector<ipc::CertificateFacts> ServerCertificates::facts() const {
  std::vector<ipc::CertificateFacts> all;
  for (const auto& pair : *pairs_)
    all.push_back(facts_of(pair.certificate, static_cast<std::uint16_t>(all.size())));
  return all;
}

std::string ServerCertificates::expired_when_written(std::span<const ipc::CertificatePair> files,
                                                     base::RealTime now) const {
  for (const auto& each : facts()) {
    const auto& path = files[each.pair].certificate_file;
    struct stat found{};
    if (each.not_after > now || ::stat(path.c_str(), &found) != 0) continue;
    const base::RealTime changed{std::chrono::seconds{found.st_ctim.tv_sec}};
    if (changed > each.not_after)
      return fmt::format("the certificate in {} had expired before it was put there, on {}. Renew it", path,
                         base::utc_minutes(each.not_after));
  }
  return {};
}

std::optional<protocol::KeFailure> ServerCertificates::client_verdict(const TrustStore& trust,
                                                                      base::RealTime now) const {
  const auto& [key, server, certificate] = pairs_->front();
  const auto client = trust.make_context(0, now, protocol::DateCheck::ignore);
  if (!client)
    return protocol::KeFailure{protocol::KeFailureReason::certificate_untrusted,
                               "there is no trusted certificate to check it with"};
  PeerCheck check{name_of(certificate), now, protocol::DateCheck::ignore};
  check.trust(trust.pinned(0));
  return checked_handshake(*server, *client, check);
}

int ServerCertificates::choose_by_name(WOLFSSL* session, int* /*alert*/, void* pairs) {
  const char* name = wolfSSL_get_servername(session, WOLFSSL_SNI_HOST_NAME);
  if (name == nullptr) return 0;
  for (const auto& pair : *static_cast<const std::vector<Pair>*>(pairs)) {
    if (!is_for_name(pair.certificate, name)) continue;
    wolfSSL_set_SSL_CTX(session, pair.context.get());
    break;
  }
  return 0;
}

TlsSession ServerCertificates::new_session() const {
  return make_session(*pairs_->front().context);
}

}  // namespace gnomon::ntske
