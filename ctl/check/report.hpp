// SPDX-License-Identifier: GPL-2.0-or-later
// Findings for people, as compilers show them, and as JSON.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <string>
#include <vector>

#include "ctl/check/finding.hpp"

namespace gnomon::ctl {

// A line of a file as it was written; empty where it is not known.
using LineOf = std::function<std::string(const config::Place&)>;

// In the order of files and lines, those of a file as a whole first; of equal ones the first only. Each place
// gets the column of its word.
void arrange(std::vector<Finding>& findings, const std::string& file, const LineOf& line_of);

// Two or three more lines where the place is a line: it, a caret, and what to do. The last line counts.
[[nodiscard]] std::string as_text(const std::vector<Finding>& findings, const std::string& file,
                                  const LineOf& line_of);
[[nodiscard]] boost::json::object as_json(const std::vector<Finding>& findings, const std::string& file,
                                          const LineOf& line_of);

// 0: nothing but notes, 1: warnings, 2: errors.
[[nodiscard]] int exit_status(const std::vector<Finding>& findings);

}  // namespace gnomon::ctl
