// SPDX-License-Identifier: GPL-2.0-or-later
// The command wait: asks again and again until the clock is synchronised and may be wrong by no more than a
// limit.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <optional>
#include <string>

#include "ctl/varlink/varlink_client.hpp"

namespace gnomon::ctl {

struct WaitBound {
  std::optional<double> max_error{};                       // seconds; none: any bound will do
  std::optional<std::chrono::duration<double>> timeout{};  // none: for ever
};

// Where a wait asks, sleeps and looks at the time; in tests all three are played.
struct WaitBoundContext {
  std::function<CallResult()> tracking;
  std::function<CallResult()> explain;
  std::function<void(std::chrono::duration<double>)> sleep;
  std::function<std::chrono::duration<double>()> elapsed;  // since the wait began
};

// What to print once it is reached; the error says why it was not within the timeout. A daemon that does not
// answer is asked again: it may just be starting. Throws ReplyFault.
[[nodiscard]] std::expected<std::string, std::string> wait_for_bound(const WaitBound& wanted,
                                                                     const std::string& socket,
                                                                     const WaitBoundContext& context);

}  // namespace gnomon::ctl
