// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/journal.hpp"

namespace gnomon::core {

void say(base::Log& log, const engine::Note& note, const engine::SourceNames& source) {
  const auto message = engine::message_for(note, source);
  log.take({message.event, message.text, message.fields});
}

Explanation put_in_words(const engine::Verdict& verdict, const engine::AssociationReport& association,
                         const engine::SelectionOutcome& outcome) {
  return {.reason = std::string{engine::name_of(verdict.reason)},
          .explanation = engine::explain(verdict, association, outcome)};
}

}  // namespace gnomon::core
