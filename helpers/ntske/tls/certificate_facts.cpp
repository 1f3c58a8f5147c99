// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/tls/certificate_facts.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace gnomon::ntske {
namespace {

using ipc::CertificateFacts;

// Anything other than a host name is of no use to clients, and the core does not accept it.
bool is_presentable(const std::string& name) {
  constexpr std::size_t longest = 253;
  return !name.empty() && name.size() <= longest &&
         std::ranges::all_of(name, [](char each) { return each > ' ' && each <= '~'; });
}

}  // namespace

CertificateFacts facts_of(const Certificate& certificate, std::uint16_t pair) {
  CertificateFacts facts{.pair = pair,
                         .subject = certificate.subject,
                         .key = certificate.key,
                         .key_bits = certificate.key_bits,
                         .not_before = certificate.not_before.value_or(base::RealTime{}),
                         .not_after = certificate.not_after.value_or(base::RealTime{}),
                         .fingerprint = certificate.fingerprint};
  auto names = certificate.dns_names;
  for (const auto& address : certificate.addresses) names.push_back(base::to_string(address));
  for (auto& name : names) {
    if (is_presentable(name) && facts.names.size() < CertificateFacts::most_names)
      facts.names.push_back(std::move(name));
    else
      ++facts.further_names;
  }
  return facts;
}

}  // namespace gnomon::ntske
