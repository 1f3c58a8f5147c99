// SPDX-License-Identifier: GPL-2.0-or-later
// Which AEADs exist and how large their keys are: what NTS-KE needs to know about them, without their code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gnomon::protocol {

// Numbers of the IANA AEAD registry.
enum class AeadId : std::uint16_t { aes_siv_cmac_256 = 15, aes_siv_cmac_512 = 17, aes_128_gcm_siv = 30 };

struct AeadTraits {
  std::size_t key_size;    // octets
  std::size_t nonce_size;  // octets, the size we send; SIV accepts any of 1 or more
  std::string_view name;
};
inline constexpr std::size_t aead_tag_size = 16;

[[nodiscard]] std::optional<AeadId> aead_from_number(std::uint16_t number);  // nullopt: not supported here
[[nodiscard]] AeadTraits traits(AeadId id);

}  // namespace gnomon::protocol
