// SPDX-License-Identifier: GPL-2.0-or-later
// How a source is called in a report: by address, by the name in the configuration, or by its name in DNS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "ctl/render/record.hpp"

namespace gnomon::ctl {

enum class NameStyle : std::uint8_t { reverse, numeric, configured };

struct Naming {
  NameStyle style = NameStyle::numeric;
  // The name of an address, nullopt when it has none; asked in style `reverse` only.
  std::function<std::optional<std::string>(const std::string& address)> reverse;
};

// The fields name, address and id of a source. In style `reverse`, longer than `width` ends in '>'.
[[nodiscard]] std::string source_name(const Record& source, const Naming& naming, std::size_t width);
// The same for a place that has no id; without an address: `otherwise`.
[[nodiscard]] std::string address_name(const Record& record, const Naming& naming, std::size_t width,
                                       const std::string& otherwise);

[[nodiscard]] bool is_resolved(const Record& source);
// One of this machine, which is called by its reference id.
[[nodiscard]] bool is_refclock(const Record& source);

// getnameinfo: may wait for a DNS server.
[[nodiscard]] std::optional<std::string> reverse_lookup(const std::string& address);

}  // namespace gnomon::ctl
