// SPDX-License-Identifier: GPL-2.0-or-later
// The interface descriptions that the daemon hands out, the texts of the *.varlink files.
#pragma once

#include <string_view>

namespace gnomon::core::control {

extern const std::string_view control_description;
extern const std::string_view service_description;
extern const std::string_view daemon_version;

}  // namespace gnomon::core::control
