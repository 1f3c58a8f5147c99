// SPDX-License-Identifier: GPL-2.0-or-later
// What a key exchange begins with and leaves, as fields of several messages; private to ipc/.
#pragma once

#include <vector>

#include "ipc/fields.hpp"
#include "ipc/ntske_messages.hpp"
#include "protocol/nts/session.hpp"

namespace gnomon::ipc {

inline constexpr std::size_t longest_host_name = 255;  // characters; an address literal or a name of DNS

// establish: name (u8 length, characters) | server (address 21, port u16) | cert_set u32 | count u8 |
//            count x aead u16 | date_check u8 | verification_time i64 (ns since 1970)
void write_establish(base::ByteWriter& out, const Establish& m);
[[nodiscard]] Establish read_establish(FieldReader& in);

// keys: aead u16 (15, 17 or 30) | c2s | s2c, each as long as that AEAD's key
void write_keys(base::ByteWriter& out, const protocol::SessionKeys& keys);
[[nodiscard]] protocol::SessionKeys read_keys(FieldReader& in);

// cookies: count u8 (1..8) | count x (u16 length, 1..256 octets)
inline constexpr std::uint8_t most_cookies = 8;
void write_cookies(base::ByteWriter& out, const std::vector<base::Buffer>& cookies);
[[nodiscard]] std::vector<base::Buffer> read_cookies(FieldReader& in);

// session: keys | has_compliant u8 | [keys] | cookies | ntp_server (u8 length, characters, may be empty) |
//          has_port u8 | [port u16]
void write_session(base::ByteWriter& out, const protocol::NtsSession& session);
[[nodiscard]] protocol::NtsSession read_session(FieldReader& in);

// failure: reason u8 | detail (u8 length, printable characters)
void write_failure(base::ByteWriter& out, const protocol::KeFailure& failure);
[[nodiscard]] protocol::KeFailure read_failure(FieldReader& in);

}  // namespace gnomon::ipc
