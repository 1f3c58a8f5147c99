// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/client/seen_chain.hpp"

#include <algorithm>

#include "base/address.hpp"

namespace gnomon::ntske {
namespace {

ipc::SeenCertificate as_seen(const Certificate& certificate) {
  return {.subject = certificate.subject,
          .issuer = certificate.issuer,
          .key = certificate.key,
          .key_bits = certificate.key_bits,
          .not_before = certificate.not_before.value_or(base::RealTime{}),
          .not_after = certificate.not_after.value_or(base::RealTime{}),
          .fingerprint = certificate.fingerprint};
}

// The root label is in no certificate.
std::string without_root(std::string name) {
  if (name.ends_with('.')) name.pop_back();
  return name;
}

bool is_for(const Certificate& certificate, const std::string& name) {
  const auto address = base::parse_address(name);
  return address ? is_for_address(certificate, *address) : is_for_name(certificate, without_root(name));
}

}  // namespace

void describe_chain(std::span<const Certificate> chain, const std::string& name, ipc::Inspected& into) {
  for (const auto& certificate : chain)
    if (into.chain.size() < ipc::Inspected::most_certificates)
      into.chain.push_back(as_seen(certificate));
    else
      ++into.further_certificates;
  if (chain.empty()) return;
  const auto& own = chain.front();
  into.name_fits = is_for(own, name);
  auto names = own.dns_names;
  for (const auto& address : own.addresses) names.push_back(base::to_string(address));
  for (auto& each : names)
    if (into.names.size() < ipc::Inspected::most_names)
      into.names.push_back(std::move(each));
    else
      ++into.further_names;
}

}  // namespace gnomon::ntske
