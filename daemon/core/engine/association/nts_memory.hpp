// SPDX-License-Identifier: GPL-2.0-or-later
// What an NTS source keeps over a restart: keys and cookies in chrony's format, and how long NTS-KE is to be
// left alone. A value from the association to the core's store and back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/time.hpp"
#include "protocol/nts/cookie_file.hpp"

namespace gnomon::engine {

struct KeBackOff {
  std::string name;            // of the NTS-KE server, as configured
  std::uint32_t attempts = 0;  // since the last protected exchange
  base::Duration wait{};       // from `since`; so short that a repair and a restart are soon seen to help
  base::RealTime since;        // by the clock of that time
};

struct NtsMemory {
  base::IpAddress ke_server;                    // names the files
  std::optional<protocol::CookieFile> cookies;  // nullopt: there are none to be kept
  std::optional<KeBackOff> back_off;            // nullopt: nothing to wait for
};

// Three lines: gnomon-ke 1, the name, `ATTEMPTS WAIT SINCE` (seconds, seconds since 1970).
[[nodiscard]] std::string to_text(const KeBackOff& back_off);
[[nodiscard]] std::optional<KeBackOff> parse_back_off(std::string_view text);

}  // namespace gnomon::engine
