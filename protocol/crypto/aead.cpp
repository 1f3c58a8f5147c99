// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/crypto/aead.hpp"

#include <algorithm>
#include <utility>

#include "base/secret.hpp"
#include "protocol/crypto/backend.hpp"

namespace gnomon::protocol {
namespace {

constexpr std::size_t max_input_size = std::size_t{1} << 24U;

bool is_siv(AeadId id) {
  return id != AeadId::aes_128_gcm_siv;
}

}  // namespace

bool accelerated_available() {
  return accelerated::available();
}

std::expected<Aead, AeadError> Aead::make(AeadId id, base::Bytes key, AeadBackend backend) {
  if (key.size() != traits(id).key_size) return std::unexpected(AeadError::bad_key_size);
  const bool fast = backend != AeadBackend::portable && accelerated::available();
  std::expected<Aead, AeadError> made{std::in_place, MadeByMake{}, id, fast};
  made->prepare(key);
  return made;
}

Aead::Aead(Aead&& other) noexcept
    : schedule_(other.schedule_), id_(other.id_), accelerated_(other.accelerated_) {
  base::wipe(other.schedule_);
}

Aead& Aead::operator=(Aead&& other) noexcept {
  if (this == &other) return *this;
  schedule_ = other.schedule_;
  id_ = other.id_;
  accelerated_ = other.accelerated_;
  base::wipe(other.schedule_);
  return *this;
}

Aead::~Aead() {
  base::wipe(schedule_);
}

void Aead::prepare(base::Bytes key) {
  if (!accelerated_)
    std::copy(key.begin(), key.end(), schedule_.begin());
  else if (is_siv(id_))
    accelerated::siv_prepare(key, schedule_);
  else
    accelerated::gcm_siv_prepare(key, schedule_);
}

std::optional<AeadError> Aead::refuses(base::Bytes nonce, base::Bytes associated, base::Bytes text,
                                       std::size_t needed, base::MutableBytes out) const {
  if (is_siv(id_) ? nonce.empty() : nonce.size() != traits(id_).nonce_size) return AeadError::bad_nonce_size;
  if (std::max({nonce.size(), associated.size(), text.size()}) > max_input_size) return AeadError::too_long;
  if (out.size() < needed) return AeadError::output_too_small;
  return std::nullopt;
}

std::expected<std::size_t, AeadError> Aead::seal(base::Bytes nonce, base::Bytes associated,
                                                 base::Bytes plaintext, base::MutableBytes out) const {
  const std::size_t size = plaintext.size() + aead_tag_size;
  if (const auto error = refuses(nonce, associated, plaintext, size, out)) return std::unexpected(*error);
  const auto sealed = out.first(size);
  if (accelerated_ && is_siv(id_))
    accelerated::siv_seal(traits(id_).key_size, schedule_, nonce, associated, plaintext, sealed);
  else if (accelerated_)
    accelerated::gcm_siv_seal(schedule_, nonce, associated, plaintext, sealed);
  else if (is_siv(id_))
    portable::siv_seal(key(), nonce, associated, plaintext, sealed);
  else
    portable::gcm_siv_seal(key(), nonce, associated, plaintext, sealed);
  return size;
}

std::expected<std::size_t, AeadError> Aead::open(base::Bytes nonce, base::Bytes associated,
                                                 base::Bytes ciphertext, base::MutableBytes out) const {
  if (ciphertext.size() < aead_tag_size) return std::unexpected(AeadError::too_short);
  const std::size_t size = ciphertext.size() - aead_tag_size;
  if (const auto error = refuses(nonce, associated, ciphertext, size, out)) return std::unexpected(*error);
  const auto text = out.first(size);
  bool good = false;
  if (accelerated_ && is_siv(id_))
    good = accelerated::siv_open(traits(id_).key_size, schedule_, nonce, associated, ciphertext, text);
  else if (accelerated_)
    good = accelerated::gcm_siv_open(schedule_, nonce, associated, ciphertext, text);
  else if (is_siv(id_))
    good = portable::siv_open(key(), nonce, associated, ciphertext, text);
  else
    good = portable::gcm_siv_open(key(), nonce, associated, ciphertext, text);
  if (good) return size;
  if (!text.empty()) base::wipe(text);  // nobody sees what was not authentic
  return std::unexpected(AeadError::not_authentic);
}

}  // namespace gnomon::protocol
