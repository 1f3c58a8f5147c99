// SPDX-License-Identifier: GPL-2.0-or-later
// The file of `keyfile` in chrony's format: a line is "ID [TYPE] KEY", the key as ASCII:text, HEX:digits or
// plain text. A line that cannot be used is left out with a complaint; no complaint holds what may be a key.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/mac/symmetric_keys.hpp"

namespace gnomon::protocol {

inline constexpr std::size_t largest_key_file = std::size_t{1} << 20U;  // octets: some ten thousand keys

struct KeyLineComplaint {
  std::size_t line = 0;    // from 1
  std::size_t column = 0;  // from 1, of the word that is wrong
  std::uint32_t id = 0;    // 0: not known
  std::string text;        // what is wrong, without a period
};

// Whether MACs of this type can be computed here: is_supported() of keyed_digest.hpp, for who has that.
using CanCompute = bool (*)(KeyType type);

struct SymmetricKeyFile {
  SymmetricKeys keys;
  std::vector<KeyLineComplaint> complaints;
};

// Any text gives a file. The caller wipes the text.
[[nodiscard]] SymmetricKeyFile parse_symmetric_keys(std::string_view text, CanCompute can_compute);

}  // namespace gnomon::protocol
