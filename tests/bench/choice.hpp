// SPDX-License-Identifier: GPL-2.0-or-later
// What the benches that play scenarios have in common: which seeds, pollings and scenarios, and two at a
// time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/scenarios.hpp"

namespace gnomon::bench {

struct Choice {
  std::uint64_t first_seed = 101;
  std::uint64_t last_seed = 108;
  std::vector<simulation::Polling> pollings{
      simulation::Polling::every_64_s, simulation::Polling::every_1024_s, simulation::Polling::by_default};
  std::vector<std::string> names;  // none: all scenarios
  [[nodiscard]] bool wants(const std::string& name) const;
};

[[nodiscard]] const char* word(simulation::Polling polling);

// An option that not every bench has; false: it is unknown.
using TakeOption = std::function<bool(std::string_view option, std::string_view value)>;
// false: the arguments are not understood, and the usage has been printed.
[[nodiscard]] bool read_choice(Choice& choice, const std::vector<std::string>& arguments,
                               const TakeOption& take_other, const char* usage);

// Calls work(0) to work(count - 1), two at a time.
void work_in_pairs(std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace gnomon::bench
