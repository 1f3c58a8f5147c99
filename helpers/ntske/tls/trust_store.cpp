// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/tls/trust_store.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/os/trust_places.hpp"
#include "helpers/ntske/tls/pem_file.hpp"
#include "helpers/ntske/tls/unexpired.hpp"

namespace gnomon::ntske {
namespace {

namespace fs = std::filesystem;

bool looks_like_pem(base::Bytes content) {
  const std::string_view text{reinterpret_cast<const char*>(content.data()), content.size()};  // NOLINT: text
  return text.find("-----BEGIN ") != std::string_view::npos;
}

// The regular files of a folder in a fixed order, or the file itself.
std::vector<std::string> files_of(const std::string& path) {
  std::error_code ec;
  if (!fs::is_directory(path, ec)) return {path};
  std::vector<std::string> files;
  for (fs::directory_iterator entry{path, ec}, end; !ec && entry != end; entry.increment(ec)) {
    std::error_code ignored;  // a dangling link is not a file
    if (entry->is_regular_file(ignored)) files.push_back(entry->path().string());
  }
  std::ranges::sort(files);
  return files;
}

// The certificates of single servers that are in the file. They are taken out of it: the library would let
// them vouch for others.
std::vector<Fingerprint> leave_authorities(base::Buffer& pem) {
  std::vector<Fingerprint> fingerprints;
  for (const auto& block : each_of(pem)) {
    const auto certificate = first_certificate(block);
    if (!certificate || certificate->authority) continue;
    fingerprints.push_back(certificate->fingerprint);
    const auto found = std::ranges::search(pem, std::span{block}.first(block.size() - 1));
    pem.erase(found.begin(), found.end());
  }
  return fingerprints;
}

}  // namespace

TrustStore TrustStore::load(const ipc::KeClientSetup& setup, std::vector<std::string>& warnings) {
  TrustStore store;
  if (setup.system_certificates) store.add_system_certificates(warnings);
  for (const auto& trusted : setup.trusted) {
    const auto before = warnings.size();
    if (!store.add(trusted.set, trusted.path, warnings) && warnings.size() == before)
      warnings.push_back(
          fmt::format("{} holds no certificate; ntstrustedcerts needs PEM files", trusted.path));
  }
  return store;
}

void TrustStore::add_system_certificates(std::vector<std::string>& warnings) {
  const auto named = base::trust_places_of_environment();
  bool any = false;
  for (const auto& path : named) any = add(0, path, warnings) || any;
  if (any) return;
  if (!named.empty()) {
    warnings.push_back(
        fmt::format("SSL_CERT_FILE and SSL_CERT_DIR of the environment ({}) name no trusted "
                    "certificates. Correct them, or unset them to use the system's",
                    fmt::join(named, ":")));
    return;
  }
  std::error_code ec;
  for (const char* path : base::trust_places)
    if (fs::exists(path, ec) && add(0, path, warnings)) return;
  warnings.emplace_back(
      "the system has no trusted certificates in /etc/ssl/certs, /etc/pki or the like. Install "
      "ca-certificates, set SSL_CERT_FILE in the environment, or set nosystemcert and ntstrustedcerts");
}

bool TrustStore::add(std::uint32_t set, const std::string& path, std::vector<std::string>& warnings) {
  bool any = false;
  for (const auto& file : files_of(path)) {
    auto content = read_pem_file(file);
    if (!content) {
      warnings.push_back(content.error());
      continue;
    }
    if (!looks_like_pem(*content)) continue;
    auto& into = sets_[set];
    std::ranges::copy(leave_authorities(*content), std::back_inserter(into.pinned));
    into.pem.push_back(std::move(*content));
    any = true;
  }
  return any;
}

TlsContext TrustStore::make_context(std::uint32_t set, base::RealTime verification_time,
                                    protocol::DateCheck dates) const {
  using protocol::DateCheck;
  const auto found = sets_.find(set);
  if (found == sets_.end()) return nullptr;
  auto context = ntske::make_context(TlsSide::client);
  if (!context) return context;
  // Before loading: the library looks at the dates of authorities only in a context that verifies.
  wolfSSL_CTX_set_verify(context.get(), WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  set_verification_time(verification_time);
  const word32 flags = dates == DateCheck::strict ? WOLFSSL_LOAD_FLAG_NONE : WOLFSSL_LOAD_FLAG_DATE_ERR_OKAY;
  bool any = false;
  const auto load = [&](const base::Buffer& pem) {
    any |= wolfSSL_CTX_load_verify_buffer_ex(context.get(), pem.data(), static_cast<long>(pem.size()),
                                             WOLFSSL_FILETYPE_PEM, 0, flags) == WOLFSSL_SUCCESS;
  };
  // wolfSSL reports the dates it was told to ignore as a failure although it took the authorities.
  for (const auto& pem : found->second.pem) {
    if (dates != DateCheck::forgive_early) {
      load(pem);
      continue;
    }
    const auto chosen = unexpired(pem, verification_time);
    std::ranges::for_each(chosen, load);
    any = any || !chosen.empty();
  }
  const bool is_empty = !any && found->second.pinned.empty() && dates != DateCheck::ignore;
  return is_empty ? nullptr : std::move(context);
}

const std::vector<Fingerprint>& TrustStore::pinned(std::uint32_t set) const {
  static const std::vector<Fingerprint> none;
  const auto found = sets_.find(set);
  return found == sets_.end() ? none : found->second.pinned;
}

}  // namespace gnomon::ntske
