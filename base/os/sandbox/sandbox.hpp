// SPDX-License-Identifier: GPL-2.0-or-later
// What a process may still do once it is prepared: an allow-list of system calls (seccomp) and of files and
// TCP ports (Landlock). Each role states its lists in a sandbox.cpp of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/os/error.hpp"

namespace gnomon::base {

// (argument number `index` & mask) == value; `differs`: !=, and then the mask is in the lower half.
struct ArgumentRule {
  unsigned index = 0;
  std::uint64_t value = 0;
  std::uint64_t mask = ~std::uint64_t{0};
  bool differs = false;
};
[[nodiscard]] constexpr ArgumentRule argument_is(unsigned index, std::uint64_t value) {
  return {index, value};
}
// File descriptors, flags and the like: 32 bits wide, whatever a caller leaves in the upper half.
[[nodiscard]] constexpr ArgumentRule int_argument_is(unsigned index, int value) {
  return {index, static_cast<std::uint32_t>(value), 0xffffffffU};
}
[[nodiscard]] constexpr ArgumentRule int_argument_is_not(unsigned index, int value) {
  return {index, static_cast<std::uint32_t>(value), 0xffffffffU, true};
}
[[nodiscard]] constexpr ArgumentRule argument_lacks(unsigned index, std::uint64_t bits) {
  return {index, 0, bits};
}

[[nodiscard]] constexpr ArgumentRule int_argument_lacks(unsigned index, int bits) {
  return {index, 0, static_cast<std::uint32_t>(bits)};
}

// One call that is allowed when all rules hold; several entries for one call: when one of them allows it.
struct AllowedCall {
  const char* name;  // a name the library does not know stays forbidden
  std::vector<ArgumentRule> rules{};
};

enum class SandboxMode : std::uint8_t {
  enforce,  // any other call kills the process (SIGSYS), or fails: OtherCalls
  report    // any other call is named on standard error and carried out (docs/decisions/0023)
};
// What becomes of calls that are not allowed. Code of others, such as the C library's modules, asks the
// kernel for what it can do without: there they fail with ENOSYS, as in a kernel that does not know them, but
// for the `deadly`.
struct OtherCalls {
  bool fail = false;
  std::vector<AllowedCall> deadly{};  // of these the process dies in any case
};
// Needs no_new_privs. Holds for all threads of the process. `who`: how reports call it; a literal.
[[nodiscard]] OsResult<void> install_seccomp(std::span<const AllowedCall> allowed,
                                             SandboxMode mode = SandboxMode::enforce,
                                             const char* who = "this process", const OtherCalls& others = {});
// The reverse, which programs that are executed later inherit: everything but these. report: the kernel logs.
[[nodiscard]] OsResult<void> forbid_calls(std::span<const AllowedCall> forbidden, SandboxMode mode);

enum class PathRights : std::uint8_t { read, write_file, read_write };
struct AllowedPath {
  std::string path;  // with everything below it; one that does not exist is left out
  PathRights rights = PathRights::read;
};
struct LandlockRules {
  std::vector<AllowedPath> paths;
  // TCP ports, nullopt: not restricted. UDP cannot be restricted this way.
  std::optional<std::vector<std::uint16_t>> bind_ports{std::in_place};
  std::optional<std::vector<std::uint16_t>> connect_ports{std::in_place};
};
struct LandlockState {
  int abi = 0;  // 0: the kernel has no Landlock, nothing is restricted; TCP rules need 4
};
[[nodiscard]] OsResult<LandlockState> install_landlock(const LandlockRules& rules);
// Only these files can be executed from here on, by whatever is executed as well; nothing else is restricted,
// but signals reach nobody outside (ABI 6).
[[nodiscard]] OsResult<LandlockState> execute_only(std::span<const std::string> programs);
[[nodiscard]] int landlock_abi();  // 0: absent

// Sanitizers call the kernel behind the program's back: such builds run their roles without both of the
// above.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define GNOMON_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define GNOMON_SANITIZED 1
#endif
#ifdef GNOMON_SANITIZED
inline constexpr bool sandbox_possible = false;
#undef GNOMON_SANITIZED
#else
inline constexpr bool sandbox_possible = true;
#endif

}  // namespace gnomon::base
