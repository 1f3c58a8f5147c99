// SPDX-License-Identifier: GPL-2.0-or-later
// One line of a probe's report: what was looked at, how good it is, and what to do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gnomon::ctl::probe {

// The numbers are those of monitoring plugins, but for `note`: worth knowing, nothing wrong.
enum class Grade : std::uint8_t { ok, note, warning, critical, unknown };

struct Finding {
  Grade grade{};
  std::string check;     // "certificate", as programs and people read it
  std::string address;   // empty: the host as a whole
  std::string text;      // a clause
  std::string remedy{};  // a sentence; empty: nothing is to be done
  friend bool operator==(const Finding&, const Finding&) = default;
};
using Findings = std::vector<Finding>;

}  // namespace gnomon::ctl::probe
