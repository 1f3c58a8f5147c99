// SPDX-License-Identifier: GPL-2.0-or-later
// The AEADs on wolfCrypt, for processors without AES instructions and to check the fast ones against.
#include <wolfssl/options.h>
//
#include <wolfssl/wolfcrypt/aes.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/secret.hpp"
#include "protocol/crypto/aead.hpp"
#include "protocol/crypto/backend.hpp"
#include "protocol/crypto/polyval.hpp"
#include "protocol/crypto/wolf_length.hpp"

namespace gnomon::protocol::portable {
namespace {

using Block = std::array<std::uint8_t, 16>;

// wolfCrypt refuses a null output even when it has nothing to write there.
std::uint8_t* non_null(base::MutableBytes out, Block& spare) {
  return out.empty() ? spare.data() : out.data();
}

// AES encryption of single blocks under one key.
class BlockCipher {
 public:
  explicit BlockCipher(base::Bytes key) {
    if (wc_AesInit(&aes_, nullptr, INVALID_DEVID) != 0 ||
        wc_AesSetKey(&aes_, key.data(), length(key), nullptr, AES_ENCRYPTION) != 0)
      throw std::logic_error("wolfCrypt does not take an AES key");
  }
  BlockCipher(const BlockCipher&) = delete;
  BlockCipher& operator=(const BlockCipher&) = delete;
  ~BlockCipher() {
    wc_AesFree(&aes_);
    base::wipe({reinterpret_cast<std::uint8_t*>(&aes_), sizeof aes_});  // NOLINT: the octets of the schedule
  }

  Block encrypt(const Block& in) {
    Block out;
    if (wc_AesEcbEncrypt(&aes_, out.data(), in.data(), 16) != 0)
      throw std::logic_error("wolfCrypt does not encrypt a block");
    return out;
  }

 private:
  Aes aes_{};
};

struct NonceKeys {
  std::array<std::uint8_t, 16> authentication;
  std::array<std::uint8_t, 16> encryption;
  NonceKeys(base::Bytes key, base::Bytes nonce);
  NonceKeys(const NonceKeys&) = delete;
  NonceKeys& operator=(const NonceKeys&) = delete;
  ~NonceKeys() {
    base::wipe(authentication);
    base::wipe(encryption);
  }
};

// RFC 8452 section 4.
NonceKeys::NonceKeys(base::Bytes key, base::Bytes nonce) : authentication{}, encryption{} {
  BlockCipher cipher{key};
  Block input{};
  std::copy_n(nonce.begin(), 12, input.begin() + 4);
  for (std::uint8_t i = 0; i < 4; ++i) {
    input[0] = i;
    const auto half = cipher.encrypt(input);
    auto& target = i < 2 ? authentication : encryption;
    std::copy_n(half.begin(), 8, target.begin() + (i % 2 == 0 ? 0 : 8));
  }
}

Block gcm_siv_tag(const NonceKeys& keys, BlockCipher& cipher, base::Bytes nonce, base::Bytes associated,
                  base::Bytes plaintext) {
  Polyval polyval{keys.authentication};
  polyval.update(associated);
  polyval.update(plaintext);
  polyval.update_lengths(associated.size(), plaintext.size());
  auto sum = polyval.result();
  for (std::size_t i = 0; i < 12; ++i) sum[i] ^= nonce[i];
  sum[15] &= 0x7fU;
  return cipher.encrypt(sum);
}

void gcm_siv_crypt(BlockCipher& cipher, const Block& tag, base::Bytes in, base::MutableBytes out) {
  Block counter = tag;
  counter[15] |= 0x80U;
  for (std::size_t at = 0; at < in.size(); at += 16) {
    const auto stream = cipher.encrypt(counter);
    const std::size_t count = std::min<std::size_t>(16, in.size() - at);
    for (std::size_t i = 0; i < count; ++i) out[at + i] = in[at + i] ^ stream[i];
    for (std::size_t i = 0; i < 4 && ++counter[i] == 0; ++i) {
    }
  }
}

}  // namespace

void siv_seal(base::Bytes key, base::Bytes nonce, base::Bytes associated, base::Bytes plaintext,
              base::MutableBytes out) {
  Block spare{};
  const auto text = out.subspan(aead_tag_size, plaintext.size());
  if (wc_AesSivEncrypt(key.data(), length(key), associated.data(), length(associated), nonce.data(),
                       length(nonce), plaintext.data(), length(plaintext), out.data(),
                       non_null(text, spare)) != 0)
    throw std::logic_error("wolfCrypt does not seal");
}

bool siv_open(base::Bytes key, base::Bytes nonce, base::Bytes associated, base::Bytes ciphertext,
              base::MutableBytes out) {
  Block spare{};
  Block tag{};
  std::copy_n(ciphertext.begin(), tag.size(), tag.begin());
  const auto body = ciphertext.subspan(tag.size());
  const auto text = out.first(body.size());
  return wc_AesSivDecrypt(key.data(), length(key), associated.data(), length(associated), nonce.data(),
                          length(nonce), body.data(), length(body), tag.data(), non_null(text, spare)) == 0;
}

void gcm_siv_seal(base::Bytes key, base::Bytes nonce, base::Bytes associated, base::Bytes plaintext,
                  base::MutableBytes out) {
  const NonceKeys keys{key, nonce};
  BlockCipher cipher{keys.encryption};
  const auto tag = gcm_siv_tag(keys, cipher, nonce, associated, plaintext);
  gcm_siv_crypt(cipher, tag, plaintext, out);
  std::copy_n(tag.begin(), tag.size(), out.subspan(plaintext.size(), tag.size()).begin());
}

bool gcm_siv_open(base::Bytes key, base::Bytes nonce, base::Bytes associated, base::Bytes ciphertext,
                  base::MutableBytes out) {
  const NonceKeys keys{key, nonce};
  BlockCipher cipher{keys.encryption};
  const auto body = ciphertext.first(ciphertext.size() - aead_tag_size);
  const auto text = out.first(body.size());
  Block tag{};
  std::copy_n(ciphertext.subspan(body.size()).begin(), tag.size(), tag.begin());
  gcm_siv_crypt(cipher, tag, body, text);
  return base::equal_constant_time(gcm_siv_tag(keys, cipher, nonce, associated, text), tag);
}

}  // namespace gnomon::protocol::portable
