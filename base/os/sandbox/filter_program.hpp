// SPDX-License-Identifier: GPL-2.0-or-later
// The program of a seccomp filter, in the kernel's classic BPF. Made here and not by libseccomp, which takes
// longer and ten times the memory (docs/decisions/0054), where a call is one number and no more: libseccomp
// makes the others.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/os/sandbox/sandbox.hpp"

namespace gnomon::base {

// What becomes of these calls: a SECCOMP_RET_ value.
struct FilteredCalls {
  std::uint32_t action = 0;
  std::span<const AllowedCall> calls;
};

// Of two entries that both apply the first one counts. nullopt: for this architecture, or so many calls, it
// is left to libseccomp.
[[nodiscard]] std::optional<std::vector<sock_filter>> filter_program(std::uint32_t otherwise,
                                                                     std::span<const FilteredCalls> calls);

// The same in the terms of libseccomp, which cannot compare half an argument with what it may not be: one
// call for each bit in which it may differ.
[[nodiscard]] std::vector<AllowedCall> without_differences(const AllowedCall& call);

}  // namespace gnomon::base
