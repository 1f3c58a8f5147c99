// SPDX-License-Identifier: GPL-2.0-or-later
// A probe's findings for people, for monitoring systems, and as JSON.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "ctl/probe/survey.hpp"
#include "ctl/render/render.hpp"

namespace gnomon::ctl::probe {

struct Verdict {
  Grade grade{};  // ok, warning, critical or unknown
  std::string sentence;
};
[[nodiscard]] Verdict verdict_of(const Survey& survey, const Options& options);
// As monitoring plugins have it: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
[[nodiscard]] int exit_status(Grade grade);

// One finding as a line or more. `previous`: the address of the one before, so that addresses become
// headlines.
[[nodiscard]] std::string finding_text(const Finding& finding, const std::string& previous, const View& view);
[[nodiscard]] std::string verdict_text(const Verdict& verdict, const View& view);
// The first line of a monitoring plugin, with performance data.
[[nodiscard]] std::string plugin_line(const Survey& survey, const Verdict& verdict, const Options& options);
[[nodiscard]] boost::json::object as_json(const Survey& survey, const Verdict& verdict,
                                          const Options& options);

}  // namespace gnomon::ctl::probe
