// SPDX-License-Identifier: GPL-2.0-or-later
// Verdicts and notes in words: reasons for `explanation`, journal texts. Pure text; who prints it owns it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "daemon/core/engine/values/note.hpp"
#include "daemon/core/engine/values/reports.hpp"
#include "daemon/core/engine/values/verdict.hpp"

namespace gnomon::engine {

// "missing_samples": a stable word for programs.
[[nodiscard]] std::string_view name_of(Reason reason);
// chrony's letter of `selectdata`.
[[nodiscard]] char letter_of(Reason reason);

// One or two sentences: which source, what happened with numbers, and what to do next if anything.
[[nodiscard]] std::string explain(const Verdict& verdict, const AssociationReport& report,
                                  const SelectionOutcome& outcome = {});

struct Message {
  base::LogEvent event{};
  std::string text;                      // one line
  std::vector<base::FieldValue> fields;  // look at the texts of the note and of the names
};
// What the note's source is called: address and configured name; both empty for a note without a source.
struct SourceNames {
  std::string address;
  std::string name;
};
[[nodiscard]] Message message_for(const Note& note, const SourceNames& source = {});
// Why nothing is corrected after maxchange, and the way out.
[[nodiscard]] std::string frozen_sentence();

}  // namespace gnomon::engine
