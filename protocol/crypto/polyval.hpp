// SPDX-License-Identifier: GPL-2.0-or-later
// POLYVAL (RFC 8452 section 3) in plain integer arithmetic: no table and no branch depends on the data.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"

namespace gnomon::protocol {

// An element of GF(2^128): bit 0 of low is x^0, bit 63 of high is x^127.
struct FieldElement {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

class Polyval {
 public:
  explicit Polyval(base::Bytes key);  // 16 octets
  // Zero-padded to whole blocks.
  void update(base::Bytes data);
  // The two lengths, in octets, that close an AES-GCM-SIV input.
  void update_lengths(std::uint64_t associated, std::uint64_t plaintext);
  [[nodiscard]] std::array<std::uint8_t, 16> result() const;

 private:
  void absorb(FieldElement block);

  FieldElement key_;
  FieldElement sum_;
};

}  // namespace gnomon::protocol
