// SPDX-License-Identifier: GPL-2.0-or-later
// The command waitsync, chronyc's: asks again and again until the clock follows a source closely enough.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "ctl/varlink/varlink_client.hpp"

namespace gnomon::ctl {

struct WaitSync {
  std::uint32_t max_tries = 0;  // 0: for ever
  double max_correction = 0;    // seconds still to be corrected; 0: any
  double max_skew = 0;          // ppm; 0: any
  std::chrono::duration<double> interval{10};
};

// [MAX-TRIES [MAX-CORRECTION [MAX-SKEW [INTERVAL]]]]. Error: what is wrong with the words, a clause.
[[nodiscard]] std::expected<WaitSync, std::string> parse_waitsync(const std::vector<std::string>& words);

// Where a wait asks, sleeps and prints; in tests all three are played.
struct WaitContext {
  std::function<CallResult()> tracking;
  std::function<void(std::chrono::duration<double>)> sleep;
  std::function<void(const std::string& line)> print;  // with its line end
};

// True: synchronised. False: not within max_tries. A daemon that does not answer is asked again: it may just
// be starting. Throws ReplyFault.
[[nodiscard]] bool wait_until_synchronised(const WaitSync& wanted, const std::string& socket,
                                           const WaitContext& context);

}  // namespace gnomon::ctl
