// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/nts/key_secret.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "protocol/crypto/hkdf.hpp"

namespace gnomon::protocol {
namespace {

// Whatever else the same secret might be used for, and another way to derive, gives other keys.
constexpr std::string_view salt = "gnomon ntskeysecret 1";
constexpr std::string_view purpose = "cookie key";
constexpr std::string_view purpose_of_fingerprint = "fingerprint";
constexpr std::size_t derived_key_size = 16;  // AEAD_AES_128_GCM_SIV

std::uint32_t slot_of(std::int64_t period) {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(period) % KeySet::slots);
}

}  // namespace

KeySecret::KeySecret(base::Bytes secret) : root_(hkdf_extract(base::as_bytes(salt), secret)) {}

// info: purpose | length of a period in seconds (8) | period (8)
CookieKey KeySecret::key(std::chrono::seconds rotation, std::int64_t period) const {
  std::array<std::uint8_t, purpose.size() + 16> info{};
  base::ByteWriter writer{info};
  writer.write(base::as_bytes(purpose));
  writer.write(static_cast<std::uint64_t>(rotation.count()));
  writer.write(static_cast<std::uint64_t>(period));
  std::array<std::uint8_t, derived_key_size + sizeof(std::uint32_t)> derived{};
  hkdf_expand(root_, info, derived);
  const auto octets = base::Bytes{derived};
  const auto id = base::ByteReader{octets.subspan(derived_key_size)}.read<std::uint32_t>().value_or(0);
  CookieKey key{.id = (id & ~(static_cast<std::uint32_t>(KeySet::slots) - 1)) | slot_of(period),
                .aead = AeadId::aes_128_gcm_siv,
                .key = base::Secret{octets.first(derived_key_size)}};
  base::wipe(derived);
  return key;
}

std::string KeySecret::fingerprint() const {
  std::array<std::uint8_t, 4> derived{};
  hkdf_expand(root_, base::as_bytes(purpose_of_fingerprint), derived);
  return base::to_hex(derived);
}

KeySet KeySecret::keys(std::chrono::seconds rotation, std::int64_t period) const {
  KeySet set;
  for (std::int64_t each = period - 2; each <= period + 1; ++each)
    set.keys.at(slot_of(each)) = key(rotation, each);
  set.current = static_cast<std::uint8_t>(slot_of(period));
  return set;
}

std::int64_t period_at(base::RealTime time, std::chrono::seconds rotation) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
  const auto begun = seconds / rotation.count();
  return seconds % rotation.count() < 0 ? begun - 1 : begun;
}

base::RealTime begin_of_period(std::int64_t period, std::chrono::seconds rotation) {
  constexpr auto latest = std::chrono::floor<std::chrono::seconds>(base::RealTime::max().time_since_epoch());
  return base::RealTime{std::min(period * rotation, latest)};
}

std::expected<std::vector<KeySecret>, std::string> parse_key_secrets(std::string_view text) {
  auto octets = octets_of_secrets(text);
  if (!octets) return std::unexpected{std::move(octets.error())};
  std::vector<KeySecret> secrets;
  for (auto& secret : *octets) {
    secrets.emplace_back(secret);
    base::wipe(secret);
  }
  return secrets;
}

}  // namespace gnomon::protocol
