// SPDX-License-Identifier: GPL-2.0-or-later
// What is found in a configuration that is a text, as lines that are easy to compare.
#pragma once

#include <string>
#include <vector>

#include "ctl/check/configuration.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/config/files.hpp"

namespace gnomon::testing {

using Lines = std::vector<std::string>;

// "FILE:LINE error WORD: MESSAGE"; of the file g.conf the line alone.
[[nodiscard]] inline Lines lines_of(const ctl::Findings& findings) {
  Lines lines;
  for (const auto& each : findings.all()) {
    const char* const severity = each.severity == ctl::Severity::error     ? "error"
                                 : each.severity == ctl::Severity::warning ? "warning"
                                                                           : "note";
    const auto file = each.place.file.empty() || each.place.file == "g.conf" ? "" : each.place.file + ":";
    lines.push_back(file + std::to_string(each.place.line) + " " + severity + " " + each.word + ": " +
                    each.message);
  }
  return lines;
}

template <class Check>
[[nodiscard]] Lines found(Check check, const std::string& text, config::FileMap files = {}) {
  files["g.conf"] = text;
  ctl::Findings findings;
  const auto configuration = ctl::read_configuration("g.conf", config::files_of(files), findings);
  check(configuration, findings);
  return lines_of(findings);
}

}  // namespace gnomon::testing
