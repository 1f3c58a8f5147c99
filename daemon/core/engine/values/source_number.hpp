// SPDX-License-Identifier: GPL-2.0-or-later
// What a source is called that has no address: chrony's words, for which scripts look. Stateless.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/units.hpp"

namespace gnomon::engine {

// "ID#0000000003"
[[nodiscard]] std::string number_of(base::SourceId id);

// The source that such a name means, with or without zeros before the number; nullopt: it is no such name.
[[nodiscard]] std::optional<base::SourceId> numbered(std::string_view name);

}  // namespace gnomon::engine
