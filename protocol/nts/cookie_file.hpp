// SPDX-License-Identifier: GPL-2.0-or-later
// The text of a client's cookie file, `<address of the NTS-KE server>.nts`, in chrony's format: what an NTS
// session needs to continue after a restart (RFC 8915 section 5.7).
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"
#include "protocol/nts/session.hpp"

namespace gnomon::protocol {

struct CookieFile {
  std::string name;            // of the NTS-KE server, as configured
  base::RealTime established;  // when its NTS-KE ended, by the clock of that time
  base::Endpoint ntp;          // where the cookies are good
  std::uint32_t context = 0;   // number of the NTS-KE
  SessionKeys keys;
  std::vector<base::Buffer> cookies;  // 1..8, the oldest first
};

inline constexpr std::size_t max_cookie_file = 8192;  // octets

[[nodiscard]] std::string to_cookie_file(const CookieFile& file);
// The error says which line is wrong, and what of it.
[[nodiscard]] std::expected<CookieFile, std::string> parse_cookie_file(std::string_view text);

}  // namespace gnomon::protocol
