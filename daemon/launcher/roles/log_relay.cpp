// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/log_relay.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/journal_datagram.hpp"

namespace gnomon::launcher {

base::OsResult<LogRelay> LogRelay::make() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return std::unexpected(base::last_error("pipe2"));
  LogRelay relay;
  relay.exit_ = base::Fd{ends[0]};
  relay.entry_ = base::Fd{ends[1]};
  return relay;
}

// No more at once than a pipe holds: a role that never stops must not keep us from everything else.
void LogRelay::pass_on(int target) const {
  std::array<char, 16384> text{};
  for (int i = 0; i < 4; ++i) {
    const auto got = read(exit_.get(), text.data(), text.size());
    if (got <= 0) return;
    // Roles write lines of text; one that has been taken over writes nothing else either.
    std::ranges::transform(text, text.begin(),
                           [](char c) { return base::harmless(c, base::LineBreaks::keep); });
    // A disk that is full loses it, as it would have without us.
    (void)!write(target, text.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace gnomon::launcher
