// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/server/certificate_check.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>

#include "helpers/ntske/server/server_certificates.hpp"

namespace gnomon::ntske {
namespace {

long long unix_seconds(base::RealTime time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

std::string check_pair(const ipc::CertificatePair& files, const TrustStore& trust, base::RealTime now) {
  const auto loaded = ServerCertificates::load(std::array{files});
  if (!loaded) {
    const bool about_certificate = loaded.error().starts_with(files.certificate_file);
    return fmt::format("{} {}\n", about_certificate ? "certificate-fault" : "key-fault", loaded.error());
  }
  std::string report;
  for (const auto& facts : loaded->facts()) {
    for (const auto& name : facts.names) report += fmt::format("name {}\n", name);
    report += fmt::format("valid {} {}\n", unix_seconds(facts.not_before), unix_seconds(facts.not_after));
  }
  if (const auto failure = loaded->client_verdict(trust, now))
    report += fmt::format("distrusted {}\n", failure->detail);
  return report;
}

}  // namespace gnomon::ntske
