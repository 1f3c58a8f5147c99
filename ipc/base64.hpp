// SPDX-License-Identifier: GPL-2.0-or-later
// Octets as text in base64 (RFC 4648 section 4), with padding. Stateless.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gnomon::ipc {

void append_base64(std::string& out, std::string_view octets);
// nullopt: it is none.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace gnomon::ipc
