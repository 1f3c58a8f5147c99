// SPDX-License-Identifier: GPL-2.0-or-later
// Replies to calls of reports, shared by all who ask for the same at the same moment: each report is built
// once. Owned by the control server.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.hpp"

namespace gnomon::core::control {

class ReplyMemory {
 public:
  static constexpr base::Duration moment = std::chrono::milliseconds{50};
  // Of a report that takes long to build the moment is longer: a twentieth of our time goes into it at most.
  static constexpr int times_its_cost = 20;

  explicit ReplyMemory(std::function<base::MonoTime()> clock) : clock_(std::move(clock)) {}

  // The text that `build` gives now or has given a moment ago.
  template <class Build>
  [[nodiscard]] std::string reply(std::string_view method, Build&& build) {
    const auto begun = clock_();
    const auto known = replies_.find(method);
    if (known != replies_.end() && begun < known->second.good_until) return known->second.text;
    auto text = std::forward<Build>(build)();
    const auto done = clock_();
    replies_.insert_or_assign(std::string{method},
                              Kept{text, done + std::max(moment, times_its_cost * (done - begun))});
    return text;
  }
  // A command was applied: what was said before may be wrong.
  void clear() { replies_.clear(); }

 private:
  struct Kept {
    std::string text;
    base::MonoTime good_until;
  };
  std::function<base::MonoTime()> clock_;
  std::map<std::string, Kept, std::less<>> replies_;  // by method: there are not many
};

}  // namespace gnomon::core::control
