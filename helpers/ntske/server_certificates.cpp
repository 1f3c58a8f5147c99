// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/server_certificates.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "base/secret.hpp"
#include "helpers/ntske/certificate.hpp"
#include "helpers/ntske/pem_file.hpp"
#include "helpers/ntske/trial_handshake.hpp"

namespace gnomon::ntske {
namespace {

constexpr auto soon = std::chrono::days{30};

std::string date_warning(const std::string& file, const WOLFSSL_X509& certificate, base::RealTime now) {
  const auto begin = not_before(certificate);
  const auto end = not_after(certificate);
  if (!begin || !end)
    return fmt::format("{}: the certificate's dates are unreadable; clients may refuse it", file);
  if (now < *begin)
    return fmt::format("{}: the certificate is valid only from {} on; clients refuse it until then", file,
                       date_text(*begin));
  if (now >= *end)
    return fmt::format("{}: the certificate expired on {}; clients refuse it. Renew it and rekey", file,
                       date_text(*end));
  if (*end - now < soon)
    return fmt::format("{}: the certificate expires on {}, in less than {} days. Renew it and rekey", file,
                       date_text(*end), soon.count());
  return {};
}

}  // namespace

std::expected<ServerCertificates::Pair, std::string> ServerCertificates::load_pair(
    const ipc::CertificatePair& files) {
  const auto chain = read_pem_file(files.certificate_file);
  if (!chain) return std::unexpected(fmt::format("{}. Check ntsservercert", chain.error()));
  Pair pair{.context = make_context(TlsSide::server), .certificate = first_certificate(*chain)};
  if (!pair.context) return std::unexpected(std::string{"out of memory"});
  if (!pair.certificate ||
      wolfSSL_CTX_use_certificate_chain_buffer(pair.context.get(), chain->data(),
                                               static_cast<long>(chain->size())) != WOLFSSL_SUCCESS)
    return std::unexpected(fmt::format(
        "{} holds no usable certificate chain. ntsservercert wants PEM, the server's own certificate first",
        files.certificate_file));
  auto key = read_pem_file(files.key_file);
  if (!key) return std::unexpected(fmt::format("{}. Check ntsserverkey", key.error()));
  const int used = wolfSSL_CTX_use_PrivateKey_buffer(pair.context.get(), key->data(),
                                                     static_cast<long>(key->size()), WOLFSSL_FILETYPE_PEM);
  base::wipe(*key);
  if (used != WOLFSSL_SUCCESS)
    return std::unexpected(fmt::format(
        "{} holds no usable private key. ntsserverkey wants PEM without a passphrase", files.key_file));
  if (wolfSSL_CTX_check_private_key(pair.context.get()) != WOLFSSL_SUCCESS || !handshake_works(*pair.context))
    return std::unexpected(
        fmt::format("the private key in {} does not belong to the certificate in {}. ntsserverkey and "
                    "ntsservercert go together in the order they are given",
                    files.key_file, files.certificate_file));
  return pair;
}

std::expected<ServerCertificates, std::string> ServerCertificates::load(
    std::span<const ipc::CertificatePair> pairs, base::RealTime now, std::vector<std::string>& warnings) {
  ServerCertificates loaded;
  if (pairs.empty()) return std::unexpected(std::string{"no certificate is configured. Set ntsservercert"});
  for (const auto& files : pairs) {
    auto pair = load_pair(files);
    if (!pair) return std::unexpected(pair.error());
    auto warning = date_warning(files.certificate_file, *pair->certificate, now);
    if (!warning.empty()) warnings.push_back(std::move(warning));
    loaded.pairs_->push_back(std::move(*pair));
  }
  if (loaded.pairs_->size() > 1) {
    wolfSSL_CTX_set_servername_callback(loaded.pairs_->front().context.get(), choose_by_name);
    wolfSSL_CTX_set_servername_arg(loaded.pairs_->front().context.get(), loaded.pairs_.get());
  }
  return loaded;
}

int ServerCertificates::choose_by_name(WOLFSSL* session, int* /*alert*/, void* pairs) {
  const char* name = wolfSSL_get_servername(session, WOLFSSL_SNI_HOST_NAME);
  if (name == nullptr) return 0;
  for (const auto& pair : *static_cast<const std::vector<Pair>*>(pairs)) {
    if (!is_for_name(*pair.certificate, name)) continue;
    wolfSSL_set_SSL_CTX(session, pair.context.get());
    break;
  }
  return 0;
}

TlsSession ServerCertificates::new_session() const {
  return make_session(*pairs_->front().context);
}

}  // namespace gnomon::ntske
