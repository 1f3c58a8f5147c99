// SPDX-License-Identifier: GPL-2.0-or-later
// The fields of a stored event, read from the journal's own form of them (systemd's "Native Journal
// Protocol"). Stateless.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace gnomon::core {

struct EventField {
  std::string name;
  std::string value;  // valid UTF-8 without control characters, but for line breaks
};
// As far as they can be read; what is malformed ends it.
[[nodiscard]] std::vector<EventField> event_fields(base::Bytes stored);

// What is no UTF-8, and every control character but the line break, becomes '?'.
[[nodiscard]] std::string readable(std::string_view text);

}  // namespace gnomon::core
