// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/tls/certificate.hpp"

#include <wolfssl/options.h>
// options.h first: it says how the library was built.
#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/hash.h>
#include <wolfssl/wolfcrypt/rsa.h>

#include <algorithm>
#include <chrono>
#include <ctime>

#include "base/ascii.hpp"

namespace gnomon::ntske {
namespace {

using ipc::KeyKind;

// The parser's view of octets that are somebody else's.
class Parsed {
 public:
  explicit Parsed(base::Bytes der) {
    wc_InitDecodedCert(&certificate_, der.data(), static_cast<word32>(der.size()), nullptr);
    good_ = wc_ParseCert(&certificate_, CERT_TYPE, NO_VERIFY, nullptr) == 0;
  }
  ~Parsed() { wc_FreeDecodedCert(&certificate_); }
  Parsed(const Parsed&) = delete;
  Parsed& operator=(const Parsed&) = delete;
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] DecodedCert& get() { return certificate_; }

 private:
  DecodedCert certificate_{};
  bool good_ = false;
};

std::optional<base::RealTime> as_time(const byte* date, int size) {
  const byte* digits = nullptr;
  byte format = 0;
  int length = 0;
  std::tm calendar{};
  if (date == nullptr || wc_GetDateInfo(date, size, &digits, &format, &length) != 0 ||
      wc_GetDateAsCalendarTime(digits, length, format, &calendar) != 0)
    return std::nullopt;
  // Beyond the year 2262 nanoseconds do not fit; 9999-12-31 means "no last day".
  if (calendar.tm_year >= 2262 - 1900) return base::RealTime::max();
  return base::RealTime{std::chrono::seconds{::timegm(&calendar)}};
}

KeyKind kind_of_key(word32 algorithm) {
  switch (algorithm) {
    case ECDSAk:
      return KeyKind::ecdsa;
    case RSAk:
      return KeyKind::rsa;
    case ED25519k:
      return KeyKind::ed25519;
    case ED448k:
      return KeyKind::ed448;
    default:
      return KeyKind::other;
  }
}

int bits_of_curve(word32 curve) {
  constexpr int p521_octets = 66;
  word32 size = 0;
  const byte* oid = nullptr;
  const int octets = wc_ecc_get_curve_size_from_id(wc_ecc_get_oid(curve, &oid, &size));
  return octets == p521_octets ? 521 : 8 * octets;
}

int bits_of_rsa(DecodedCert& certificate) {
  constexpr word32 longest_key = 4096;  // octets, more than the library takes
  base::Buffer der(longest_key);
  word32 size = longest_key, at = 0;
  RsaKey key;
  if (wc_GetPubKeyDerFromCert(&certificate, der.data(), &size) != 0 || wc_InitRsaKey(&key, nullptr) != 0)
    return 0;
  const bool read = wc_RsaPublicKeyDecode(der.data(), &at, &key, size) == 0;
  const int bits = read ? 8 * wc_RsaEncryptSize(&key) : 0;
  wc_FreeRsaKey(&key);
  return bits;
}

int bits_of_key(DecodedCert& certificate, KeyKind kind) {
  switch (kind) {
    case KeyKind::ecdsa:
      return bits_of_curve(certificate.pkCurveOID);
    case KeyKind::rsa:
      return bits_of_rsa(certificate);
    case KeyKind::ed25519:
      return 256;
    case KeyKind::ed448:
      return 456;
    case KeyKind::other:
      break;
  }
  return 0;
}

void put_names(const DecodedCert& parsed, Certificate& into) {
  for (const auto* name = parsed.altNames; name != nullptr; name = name->next) {
    const std::string octets(name->name, static_cast<std::size_t>(name->len));
    if (name->type == ASN_DNS_TYPE) into.dns_names.push_back(octets);
    if (name->type != ASN_IP_TYPE) continue;
    const base::Buffer raw(octets.begin(), octets.end());
    if (const auto address = base::from_octets(raw); address.is_specified())
      into.addresses.push_back(address);
  }
}

}  // namespace

std::optional<Certificate> read_certificate(base::Bytes der) {
  Parsed parsed{der};
  if (!parsed.good()) return std::nullopt;
  auto& from = parsed.get();
  Certificate certificate{.subject = from.subject, .issuer = from.issuer, .key = kind_of_key(from.keyOID)};
  certificate.authority = from.isCA != 0 || from.version == 0;
  put_names(from, certificate);
  certificate.key_bits = static_cast<std::uint16_t>(std::clamp(bits_of_key(from, certificate.key), 0, 65535));
  certificate.not_before = as_time(from.beforeDate, from.beforeDateLen);
  certificate.not_after = as_time(from.afterDate, from.afterDateLen);
  if (wc_Sha256Hash(der.data(), static_cast<word32>(der.size()), certificate.fingerprint.data()) != 0)
    return std::nullopt;
  return certificate;
}

std::vector<base::Buffer> each_of(base::Bytes pem) {
  constexpr std::string_view first_line = "-----BEGIN CERTIFICATE-----";
  constexpr std::string_view last_line = "-----END CERTIFICATE-----";
  const std::string_view text{reinterpret_cast<const char*>(pem.data()), pem.size()};  // NOLINT: text
  std::vector<base::Buffer> blocks;
  for (auto begin = text.find(first_line); begin != std::string_view::npos;
       begin = text.find(first_line, begin + 1)) {
    const auto end = text.find(last_line, begin);
    if (end == std::string_view::npos) break;
    const auto one = text.substr(begin, end + last_line.size() - begin);
    blocks.emplace_back(one.begin(), one.end());
    blocks.back().push_back('\n');
  }
  return blocks;
}

std::optional<Certificate> first_certificate(base::Bytes pem) {
  base::Buffer der(pem.size());
  const int size = wc_CertPemToDer(pem.data(), static_cast<int>(pem.size()), der.data(),
                                   static_cast<int>(der.size()), CERT_TYPE);
  if (size <= 0) return std::nullopt;
  return read_certificate(base::Bytes{der}.first(static_cast<std::size_t>(size)));
}

bool is_for_name(const Certificate& certificate, std::string_view name) {
  const auto first_dot = name.find('.');
  const auto below = first_dot == std::string_view::npos ? std::string_view{} : name.substr(first_dot);
  return std::ranges::any_of(certificate.dns_names, [&](std::string_view each) {
    return base::equal_ignoring_case(each, name) ||
           (!below.empty() && each.starts_with("*.") && base::equal_ignoring_case(each.substr(1), below));
  });
}

bool is_for_address(const Certificate& certificate, const base::IpAddress& address) {
  return std::ranges::any_of(certificate.addresses, [&](const base::IpAddress& each) {
    return std::ranges::equal(each.bytes(), address.bytes());  // a certificate knows no interfaces
  });
}

}  // namespace gnomon::ntske
