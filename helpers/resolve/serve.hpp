// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-resolve's step: one name, one answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/os/log.hpp"
#include "helpers/resolve/file_watch.hpp"

namespace gnomon::resolve {

enum class Progress : std::uint8_t { go_on, closed, broken };

// How the channel ended.
struct Ending {
  std::string why{};  // empty: end of file
  Progress report(base::Log& log) const;
};
// One name: waits for the request when there is none yet, and for the system's resolver. nullopt: the channel
// goes on. `watch`: null where files are not watched. From several threads at once.
[[nodiscard]] std::optional<Ending> answer_next(int channel, FileWatch* watch);
// The same, for who has no threads; how it ends is reported.
[[nodiscard]] Progress answer_one(int channel, base::Log& log, FileWatch* watch = nullptr);

}  // namespace gnomon::resolve
