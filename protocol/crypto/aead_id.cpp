// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/crypto/aead_id.hpp"

namespace gnomon::protocol {

std::optional<AeadId> aead_from_number(std::uint16_t number) {
  switch (number) {
    case 15:
      return AeadId::aes_siv_cmac_256;
    case 17:
      return AeadId::aes_siv_cmac_512;
    case 30:
      return AeadId::aes_128_gcm_siv;
    default:
      return std::nullopt;
  }
}

AeadTraits traits(AeadId id) {
  switch (id) {
    case AeadId::aes_siv_cmac_512:
      return {64, 16, "AES-SIV-CMAC-512"};
    case AeadId::aes_128_gcm_siv:
      return {16, 12, "AES-128-GCM-SIV"};
    case AeadId::aes_siv_cmac_256:
      break;
  }
  return {32, 16, "AES-SIV-CMAC-256"};
}

}  // namespace gnomon::protocol
