// SPDX-License-Identifier: GPL-2.0-or-later
// The two implementations of every AEAD against each other: the same octets sealed, the same verdict on any
// ciphertext. Input: AEAD, nonce length, length of the associated data, then key, nonce, data and text.
#include <algorithm>

#include "protocol/crypto/aead.hpp"
#include "tests/fuzz/require.hpp"

using namespace gnomon;
using namespace gnomon::protocol;

namespace {

struct Input {
  base::Bytes nonce;
  base::Bytes associated;
  base::Bytes text;
};

base::Bytes take(base::ByteReader& reader, std::size_t count) {
  return reader.take(std::min(count, reader.remaining())).value_or(base::Bytes{});
}

void check_seal(const Aead& fast, const Aead& plain, const Input& input) {
  base::Buffer one(input.text.size() + aead_tag_size);
  base::Buffer two(one.size());
  const auto sealed = fast.seal(input.nonce, input.associated, input.text, one);
  require(sealed == plain.seal(input.nonce, input.associated, input.text, two));
  require(one == two);
  if (!sealed) return;
  base::Buffer opened(input.text.size());
  require(plain.open(input.nonce, input.associated, one, opened) == opened.size());
  require(std::ranges::equal(opened, input.text));
  std::ranges::fill(opened, 0xee);
  require(fast.open(input.nonce, input.associated, one, opened) == opened.size());
  require(std::ranges::equal(opened, input.text));
}

void check_open(const Aead& fast, const Aead& plain, const Input& input) {
  base::Buffer one(input.text.size());
  base::Buffer two(input.text.size());
  const auto opened = fast.open(input.nonce, input.associated, input.text, one);
  require(opened == plain.open(input.nonce, input.associated, input.text, two));
  require(one == two);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr AeadId ids[] = {AeadId::aes_siv_cmac_256, AeadId::aes_siv_cmac_512, AeadId::aes_128_gcm_siv};
  base::ByteReader reader{{data, size}};
  const auto id = ids[reader.read<std::uint8_t>().value_or(0) % 3];
  const std::size_t nonce_size = reader.read<std::uint8_t>().value_or(0);
  const std::size_t associated_size = reader.read<std::uint8_t>().value_or(0);
  const auto key = take(reader, traits(id).key_size);
  const auto fast = Aead::make(id, key, AeadBackend::accelerated);
  const auto plain = Aead::make(id, key, AeadBackend::portable);
  require(fast.has_value() == plain.has_value());
  if (!fast) return 0;
  Input input;
  input.nonce = take(reader, id == AeadId::aes_128_gcm_siv && nonce_size % 8 != 0 ? 12 : nonce_size);
  input.associated = take(reader, associated_size);
  input.text = take(reader, reader.remaining());
  check_seal(*fast, *plain, input);
  check_open(*fast, *plain, input);
  return 0;
}
