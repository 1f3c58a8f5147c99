// SPDX-License-Identifier: GPL-2.0-or-later
// The command keygen: a line for a file of symmetric keys, made here without the daemon, as chronyc makes it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "ctl/render/render.hpp"
#include "protocol/crypto/key_type.hpp"

namespace gnomon::ctl {

struct KeyWish {
  std::uint32_t id = 1;
  protocol::KeyType type = protocol::KeyType::sha1;
  std::size_t size = 20;  // octets, 10 to 512; an AES key has the size of its type
};

// [ID [TYPE [BITS]]]. Error: what is wrong with the words, a clause.
[[nodiscard]] std::expected<KeyWish, std::string> parse_keygen(const std::vector<std::string>& words);
// With these octets, as many as were wished for: members id, type and key ("HEX:...").
[[nodiscard]] Reply key_reply(const KeyWish& wish, base::Bytes octets);
[[nodiscard]] std::string render_key(const Reply& reply, const View& view);

}  // namespace gnomon::ctl
