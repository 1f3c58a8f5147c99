// SPDX-License-Identifier: GPL-2.0-or-later
// What went wrong with a call, as sentences for the user: what, and what to do about it.
#pragma once

#include <string>

#include "ctl/varlink/varlink_client.hpp"

namespace gnomon::ctl {

// Without "gnomonctl: " before and the new line after it.
[[nodiscard]] std::string complaint(const CallError& error, const std::string& socket_path);

// The daemon answered, but not as this version of the interface has it.
[[nodiscard]] std::string version_complaint(const std::string& detail, const std::string& socket_path);

}  // namespace gnomon::ctl
