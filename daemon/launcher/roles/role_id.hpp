// SPDX-License-Identifier: GPL-2.0-or-later
// Which role process is meant, and how one ended: the vocabulary shared by supervision and supervisor.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace gnomon::launcher {

enum class Program : std::uint8_t { core, clock, resolve, ke_client, ke_server, refclock, metrics };

// One role process. A replacement differs from what it replaces by its generation.
struct RoleId {
  Program program{};
  std::uint8_t index = 0;  // of a ke_server, 0..ntsprocesses-1
  std::uint32_t generation = 0;
  friend auto operator<=>(const RoleId&, const RoleId&) = default;
};
// "gnomon-clock", "gnomon-ntske (server 2)"
[[nodiscard]] std::string to_string(const RoleId& role);
// The file's name: "gnomon-ntske" for both of its roles.
[[nodiscard]] std::string program_name(Program program);

struct RoleEnd {
  bool killed = false;  // by a signal
  int value = 0;        // the signal's number, else the exit status
  friend bool operator==(const RoleEnd&, const RoleEnd&) = default;
};
// "was killed by SIGKILL", "ended with status 3"; of SIGSYS and SIGSEGV also what to look for
[[nodiscard]] std::string to_string(const RoleEnd& end);

// What gnomon-ntske's server role ends with when a certificate or its key cannot be used.
inline constexpr RoleEnd unusable_certificate{.killed = false, .value = 3};

// What gnomon-resolve ends with when the files it may read are not those any more that names are resolved by.
inline constexpr RoleEnd name_files_changed{.killed = false, .value = 4};

// What gnomon-refclock ends with when a device is there now that was not, and has to be opened.
inline constexpr RoleEnd devices_changed{.killed = false, .value = 5};

}  // namespace gnomon::launcher
