// SPDX-License-Identifier: GPL-2.0-or-later
// Core and resolver: one name in, at most 16 addresses out, in the order of the system's resolver.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "ipc/frame.hpp"

namespace gnomon::ipc {

struct Resolve {
  static constexpr auto type = MessageType::resolve;
  std::string name;  // 1..255 characters of a host name
  base::AddressFamily family = base::AddressFamily::unspecified;
};
inline constexpr std::uint8_t max_resolved_addresses = 16;
struct Resolved {
  static constexpr auto type = MessageType::resolved;
  std::vector<base::IpAddress> addresses;  // 1..max_resolved_addresses
};
enum class ResolveError : std::uint8_t { not_found, try_again, failed };
struct ResolveFailed {
  static constexpr auto type = MessageType::resolve_failed;
  ResolveError error{};
};
// An event: what names are resolved by has changed, the resolver ends, and gnomond starts another.
struct NameFilesChanged {
  static constexpr auto type = MessageType::name_files_changed;
};

}  // namespace gnomon::ipc
