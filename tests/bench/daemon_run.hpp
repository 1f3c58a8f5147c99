// SPDX-License-Identifier: GPL-2.0-or-later
// One run of a whole daemon in virtual time; owned by whoever compares.
#pragma once

#include <optional>
#include <string>

#include "tests/sim/figures.hpp"
#include "tests/sim/scenarios.hpp"

namespace gnomon::bench {

enum class Program : std::uint8_t { chronyd, gnomond };

struct DaemonRun {
  Program program{};
  std::string file{};
  simulation::Scenario scenario{};
  simulation::Polling polling{};
  std::uint64_t seed = 1;
};

// A file by its place beside this program.
[[nodiscard]] std::string beside(const std::string& path);

// nullopt: it did not run to the end; stderr says why.
[[nodiscard]] std::optional<simulation::Result> run_daemon(const DaemonRun& run);

}  // namespace gnomon::bench
