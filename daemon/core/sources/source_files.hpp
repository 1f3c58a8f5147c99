// SPDX-License-Identifier: GPL-2.0-or-later
// The files of `sourcedir` as the launcher opens them: the core itself may open nothing outside of its state.
#pragma once

#include <expected>
#include <string>

#include "base/os/fd.hpp"
#include "config/config.hpp"
#include "config/parse.hpp"

namespace gnomon::core {

class SourceFiles {
 public:
  // The channel of CoreSetup::sources_fd.
  SourceFiles(base::Fd channel, const config::Config& config);

  // Waits for the launcher, which is always there; error: it was not, and what is known should stay.
  [[nodiscard]] std::expected<config::SourcesFile, std::string> read();

 private:
  base::Fd channel_;
  std::vector<std::vector<std::string>> groups_;
  std::vector<std::string> folders_;  // of all groups
};

}  // namespace gnomon::core
