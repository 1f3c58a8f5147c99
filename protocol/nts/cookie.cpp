// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/nts/cookie.hpp"

#include <algorithm>
#include <utility>

namespace gnomon::protocol {
namespace {

constexpr std::size_t id_size = sizeof(std::uint32_t);
constexpr std::size_t entropy_per_key = 32;  // of a first set
constexpr std::size_t max_keys_size = 2 * base::Secret::capacity;

// The length of the keys names the session's AEAD (chrony's cookies carry no number).
std::optional<AeadId> session_of(std::size_t plaintext_size) {
  for (const auto id : {AeadId::aes_128_gcm_siv, AeadId::aes_siv_cmac_256, AeadId::aes_siv_cmac_512})
    if (plaintext_size == 2 * traits(id).key_size) return id;
  return std::nullopt;
}

CookieKey make_key(std::uint32_t slot, AeadId aead, base::Bytes entropy) {
  CookieKey key{.aead = aead};
  const std::size_t key_size = traits(key.aead).key_size;
  base::ByteReader reader{entropy};
  const auto octets = reader.take(key_size);
  const auto id = reader.read<std::uint32_t>();
  if (!octets || !id) return {};  // too little entropy: an empty key, which neither seals nor opens
  key.key = base::Secret{*octets};
  key.id = (*id & ~(static_cast<std::uint32_t>(KeySet::slots) - 1)) | slot;
  return key;
}

CookieKey duplicate(const CookieKey& key) {
  return {key.id, key.aead, key.key.duplicate()};
}

base::Bytes piece(base::Bytes entropy, std::size_t number) {
  const std::size_t at = std::min(entropy.size(), number * entropy_per_key);
  return entropy.subspan(at, std::min(entropy_per_key, entropy.size() - at));
}

// cookie: what follows the id.
std::optional<SessionKeys> open_with(const Aead& aead, base::Bytes cookie) {
  base::ByteReader reader{cookie};
  const auto nonce = reader.take(traits(aead.id()).nonce_size);
  if (!nonce || reader.remaining() < aead_tag_size) return std::nullopt;
  const auto session = session_of(reader.remaining() - aead_tag_size);
  const auto sealed = reader.take(reader.remaining());
  if (!session || !sealed) return std::nullopt;
  std::array<std::uint8_t, max_keys_size> plaintext;
  const std::size_t key_size = traits(*session).key_size;
  const auto opened = aead.open(*nonce, {}, *sealed, plaintext);
  if (!opened) return std::nullopt;  // an open that fails leaves nothing to wipe
  const auto keys = base::Bytes{plaintext}.first(2 * key_size);
  std::optional<SessionKeys> result{
      SessionKeys{*session, base::Secret{keys.first(key_size)}, base::Secret{keys.subspan(key_size)}}};
  base::wipe(plaintext);
  return result;
}

}  // namespace

KeySet make_key_set(base::Bytes entropy) {
  KeySet set;
  for (std::uint32_t slot = 0; slot < KeySet::slots; ++slot)
    set.keys[slot] = make_key(slot, CookieKey{}.aead, piece(entropy, slot));
  return set;
}

KeySet rotate(const KeySet& set, base::Bytes entropy) {
  KeySet rotated;
  std::ranges::transform(set.keys, rotated.keys.begin(), duplicate);
  rotated.current = static_cast<std::uint8_t>((set.current + 1U) % KeySet::slots);
  const std::uint32_t ahead = (rotated.current + 1U) % KeySet::slots;
  rotated.keys[ahead] = make_key(ahead, rotated.keys[rotated.current].aead, entropy);
  return rotated;
}

CookieSealer::CookieSealer(std::span<const KeySet> sets) {
  ids_.reserve(sets.size() * KeySet::slots);
  aeads_.reserve(sets.size() * KeySet::slots);
  for (const auto& set : sets) {
    // The one that seals is the one most cookies come back under.
    for (std::size_t i = 0; i < KeySet::slots; ++i) add(set.keys[(set.current + i) % KeySet::slots]);
  }
  if (sets.empty() || ids_.empty()) return;
  const auto& first = sets.front();
  if (!first.keys[first.current].key.empty()) current_ = 0;
}

// A key that is none (an unused slot) neither seals nor opens.
void CookieSealer::add(const CookieKey& key) {
  auto aead = Aead::make(key.aead, key.key.reveal());
  if (!aead) return;
  ids_.push_back(key.id);
  aeads_.push_back(std::move(*aead));
}

std::optional<SessionKeys> CookieSealer::open(base::Bytes cookie) const {
  const auto id = base::ByteReader{cookie}.read<std::uint32_t>();
  if (!id) return std::nullopt;
  // Keys that were derived from different secrets may, once in a long time, have the same id.
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    if (ids_[i] != *id) continue;
    if (auto opened = open_with(aeads_[i], cookie.subspan(id_size))) return opened;
  }
  return std::nullopt;
}

bool CookieSealer::seal(const SessionKeys& keys, const NonceEntropy& nonce, base::MutableBytes out) const {
  const std::size_t key_size = traits(keys.aead).key_size;
  if (!current_ || keys.c2s.size() != key_size || keys.s2c.size() != key_size) return false;
  const auto& aead = aeads_[*current_];
  const auto used = base::Bytes{nonce}.first(traits(aead.id()).nonce_size);
  base::ByteWriter writer{out};
  writer.write(ids_[*current_]);
  writer.write(used);
  const auto sealed = writer.reserve(2 * key_size + aead_tag_size);
  if (writer.failed()) return false;
  std::array<std::uint8_t, max_keys_size> plaintext;
  base::ByteWriter joined{plaintext};
  joined.write(keys.c2s.reveal());
  joined.write(keys.s2c.reveal());
  const bool done = aead.seal(used, {}, joined.written(), sealed).has_value();
  base::wipe(plaintext);
  return done;
}

std::size_t CookieSealer::cookie_size(AeadId session) const {
  const auto aead = current_ ? aeads_[*current_].id() : CookieKey{}.aead;
  return id_size + traits(aead).nonce_size + 2 * traits(session).key_size + aead_tag_size;
}

}  // namespace gnomon::protocol
