// SPDX-License-Identifier: GPL-2.0-or-later
// A configuration as the checks see it: the whole, each effective line apart, and each source with its place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/parse.hpp"
#include "ctl/check/finding.hpp"

namespace gnomon::ctl {

struct CheckedLine {
  config::Place place;
  std::string directive;           // lower case
  std::vector<std::string> words;  // that follow
  config::Config alone;            // what this line says on its own
};

struct CheckedSource {
  config::Place place;
  std::vector<std::string> words;  // that follow the directive, lower case
  config::Source source;
  [[nodiscard]] bool has(std::string_view option) const;
};

struct Configuration {
  config::Config config;
  std::vector<CheckedLine> lines;
  std::vector<CheckedSource> sources;  // of the configuration, then of the files in the sourcedirs
  bool is_read = true;                 // the file itself could be read

  // The last line of this directive; nullptr: there is none.
  [[nodiscard]] const CheckedLine* find(std::string_view directive) const;
};

// Reads the file and all that it brings in. What is wrong with the text itself is found here.
[[nodiscard]] Configuration read_configuration(const std::string& path, const config::FileAccess& files,
                                               Findings& findings);

}  // namespace gnomon::ctl
