// SPDX-License-Identifier: GPL-2.0-or-later
// The system calls that are made to fail: those whose failure a program has to live with.
#pragma once

#include <optional>
#include <string_view>

namespace gnomon::faults {

// Empty: not one of them.
[[nodiscard]] std::string_view name_of_call(long number);
[[nodiscard]] std::optional<long> number_of_call(std::string_view name);

}  // namespace gnomon::faults
