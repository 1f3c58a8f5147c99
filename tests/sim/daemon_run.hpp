// SPDX-License-Identifier: GPL-2.0-or-later
// One run of a whole, unmodified daemon in virtual time; owned by whoever compares. It cannot reach the
// machine's clock: it runs without the right to set it, and its calls end in the preloaded library.
#pragma once

#include <optional>
#include <string>

#include "tests/sim/figures.hpp"
#include "tests/sim/scenarios.hpp"

namespace gnomon::simulation {

enum class Program : std::uint8_t { chronyd, gnomond };

struct DaemonRun {
  Program program{};
  std::string file{};
  Scenario scenario{};
  Polling polling{};
  std::uint64_t seed = 1;
  Start start = Start::cold;
};

// A file by its place from the folder of this program.
[[nodiscard]] std::string beside(const std::string& path);

// nullopt: it did not run to the end; stderr says why.
[[nodiscard]] std::optional<Result> run_daemon(const DaemonRun& run);

}  // namespace gnomon::simulation
