// SPDX-License-Identifier: GPL-2.0-or-later
// Where systems keep the certificates of the authorities that they trust.
#pragma once

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace gnomon::base {

// One file with everything where there is one, else a folder; the first that holds any counts. The files are
// those of Debian, Arch, Gentoo, Alpine and NixOS; Fedora and RHEL; older ones of these; SUSE; Arch;
// OpenELEC; Alpine, the BSDs.
inline constexpr std::array<const char*, 13> trust_places{"/etc/ssl/certs/ca-certificates.crt",
                                                          "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                                                          "/etc/pki/tls/certs/ca-bundle.crt",
                                                          "/etc/ssl/certs/ca-bundle.crt",
                                                          "/etc/ssl/ca-bundle.pem",
                                                          "/var/lib/ca-certificates/ca-bundle.pem",
                                                          "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
                                                          "/etc/pki/tls/cacert.pem",
                                                          "/etc/ssl/cert.pem",
                                                          "/usr/local/etc/ssl/cert.pem",
                                                          "/usr/local/share/certs/ca-root-nss.crt",
                                                          "/etc/ssl/certs",
                                                          "/etc/pki/tls/certs"};

// What the environment names instead, as for OpenSSL: the file of SSL_CERT_FILE and the folders of
// SSL_CERT_DIR, with colons between. All of them count; none: trust_places do.
[[nodiscard]] inline std::vector<std::string> trust_places_of_environment() {
  std::vector<std::string> places;
  if (const char* const file = std::getenv("SSL_CERT_FILE"); file != nullptr && *file != '\0')
    places.emplace_back(file);
  const char* const folders = std::getenv("SSL_CERT_DIR");
  for (std::string_view rest = folders == nullptr ? "" : folders; !rest.empty();) {
    const auto colon = rest.find(':');
    if (colon != 0) places.emplace_back(rest.substr(0, colon));
    rest = colon == rest.npos ? std::string_view{} : rest.substr(colon + 1);
  }
  return places;
}

}  // namespace gnomon::base
