// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/tls/refused_key.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "base/secret.hpp"

namespace gnomon::ntske {
namespace {

using namespace std::string_view_literals;

struct Kind {
  std::string_view identifier;  // of the algorithm or curve, in DER
  std::string_view name;
};
constexpr std::array kinds{
    Kind{"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"sv, "an RSA-PSS key"},
    Kind{"\x06\x05\x2b\x81\x04\x00\x0a"sv, "a key on the curve secp256k1"},
    Kind{"\x06\x07\x2a\x86\x48\xce\x38\x04\x01"sv, "a DSA key"},
    Kind{"\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x07"sv, "a key on the curve brainpoolP256r1"}};

int value_of(char letter) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto at = alphabet.find(letter);
  return at == alphabet.npos ? -1 : static_cast<int>(at);
}

// What stands between the first two lines of dashes of a key.
base::Buffer decode(std::string_view pem) {
  base::Buffer octets;
  const auto title = pem.find("PRIVATE KEY-----");
  if (title == pem.npos) return octets;
  pem.remove_prefix(title + "PRIVATE KEY-----"sv.size());
  pem = pem.substr(0, pem.find('-'));
  octets.reserve(pem.size());  // growing would leave copies of a private key behind
  std::uint32_t bits = 0;
  int count = 0;
  for (const char letter : pem) {
    const int value = value_of(letter);
    if (value < 0) continue;
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    octets.push_back(static_cast<std::uint8_t>(bits >> static_cast<unsigned>(count)));
  }
  return octets;
}

}  // namespace

std::string why_key_is_refused(base::Bytes pem) {
  const std::string_view text{reinterpret_cast<const char*>(pem.data()), pem.size()};  // NOLINT: text
  if (text.contains("ENCRYPTED")) return "it is encrypted: ntsserverkey needs a key without a passphrase";
  auto der = decode(text);
  const std::string_view octets{reinterpret_cast<const char*>(der.data()), der.size()};  // NOLINT: octets
  const auto* const kind =
      std::ranges::find_if(kinds, [&](const Kind& each) { return octets.contains(each.identifier); });
  const auto reason =
      kind == kinds.end()
          ? std::string{}
          : fmt::format("it is {}, which is not supported here: use ECDSA on P-256 or P-384, Ed25519, or RSA",
                        kind->name);
  base::wipe(der);
  return reason;
}

}  // namespace gnomon::ntske
