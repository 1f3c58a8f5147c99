// SPDX-License-Identifier: GPL-2.0-or-later
// Why one source is in the state it is in: the cause as a word, the facts with their numbers, and what can be
// done. From the verdict of selection and what the association knows; nothing is decided here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/core/engine/values/reports.hpp"
#include "daemon/core/engine/values/verdict.hpp"

namespace gnomon::engine {

struct Explanation {
  std::string_view cause;  // a stable word for programs: "no_answer", or the reason of the verdict
  std::string what;        // a clause behind the source's name: "has not answered any of 4 requests"
  std::string remedy;      // what to do, a clause; empty: nothing
};
// What makes sources required: their option, authselectmode mix, or the one for some and the other for
// others. It takes all sources to know.
enum class Requirement : std::uint8_t { unknown, option, mode, either };

[[nodiscard]] Explanation explain_source(const Verdict& verdict, const AssociationReport& report,
                                         const SelectionOutcome& outcome,
                                         Requirement requirement = Requirement::unknown);

// Fewer than a majority of all are followed only where they are trusted.
[[nodiscard]] bool is_by_trust(const Consensus& agreed);

// "ntp.example (192.0.2.1)", or the one of both that is known.
[[nodiscard]] std::string source_called(const AssociationReport& report);

// A clause with a capital letter and a full stop.
[[nodiscard]] std::string sentence(std::string clause);

}  // namespace gnomon::engine
