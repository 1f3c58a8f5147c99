// SPDX-License-Identifier: GPL-2.0-or-later
// What a gnomon-ntske process may still do once it has what it needs: the two lists are in the source file.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "ipc/role_setup.hpp"

namespace gnomon::ntske {

enum class KeRole : std::uint8_t { server, client };

// Gives up user, capabilities, files and system calls, for good. The error is a whole sentence.
[[nodiscard]] std::expected<void, std::string> confine(KeRole role, const ipc::RoleIdentity& identity);

}  // namespace gnomon::ntske
