// SPDX-License-Identifier: GPL-2.0-or-later
// Authenticated encryption as NTS uses it (RFC 5116 shape): one interface over AES-SIV-CMAC and AES-GCM-SIV.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "protocol/crypto/aead_id.hpp"
#include "protocol/crypto/backend.hpp"

namespace gnomon::protocol {

enum class AeadError : std::uint8_t {
  bad_key_size,
  bad_nonce_size,
  too_short,
  not_authentic,
  output_too_small,
  too_long  // input above 16 MiB: nothing here is that long
};

// Which code computes: `automatic` takes AES-NI where the processor has it, wolfCrypt otherwise.
enum class AeadBackend : std::uint8_t { automatic, portable, accelerated };
[[nodiscard]] bool accelerated_available();

// A key with its prepared schedule, held inside the object (no heap: the server makes one per packet), wiped
// on destruction. Moved, not copied. One object serves one thread at a time.
class Aead {
  struct MadeByMake {};  // a key is checked first

 public:
  explicit Aead(MadeByMake, AeadId id, bool accelerated) : id_(id), accelerated_(accelerated) {}
  Aead(Aead&& other) noexcept;
  Aead& operator=(Aead&& other) noexcept;
  Aead(const Aead&) = delete;
  Aead& operator=(const Aead&) = delete;
  ~Aead();

  // The error is bad_key_size only. Asking for `accelerated` without the hardware gives portable.
  [[nodiscard]] static std::expected<Aead, AeadError> make(AeadId id, base::Bytes key,
                                                           AeadBackend backend = AeadBackend::automatic);
  [[nodiscard]] AeadId id() const { return id_; }
  // out: exactly plaintext.size() + aead_tag_size octets are written and their count returned. Layout: SIV
  // tag first, GCM-SIV tag last. out may not overlap the inputs. Nonce: SIV >= 1 octet, GCM-SIV exactly 12.
  [[nodiscard]] std::expected<std::size_t, AeadError> seal(base::Bytes nonce, base::Bytes associated,
                                                           base::Bytes plaintext,
                                                           base::MutableBytes out) const;
  // out: ciphertext.size() - aead_tag_size octets. On not_authentic nothing of the plaintext is left in out.
  [[nodiscard]] std::expected<std::size_t, AeadError> open(base::Bytes nonce, base::Bytes associated,
                                                           base::Bytes ciphertext,
                                                           base::MutableBytes out) const;

 private:
  void prepare(base::Bytes key);
  [[nodiscard]] std::optional<AeadError> refuses(base::Bytes nonce, base::Bytes associated, base::Bytes text,
                                                 std::size_t needed, base::MutableBytes out) const;
  [[nodiscard]] base::Bytes key() const { return base::Bytes{schedule_}.first(traits(id_).key_size); }

  // SelectionPass keys and subkeys, or (portable) the key itself.
  alignas(16) std::array<std::uint8_t, schedule_size> schedule_{};
  AeadId id_;
  bool accelerated_;
};

}  // namespace gnomon::protocol
