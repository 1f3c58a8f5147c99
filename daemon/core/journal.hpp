// SPDX-License-Identifier: GPL-2.0-or-later
// The engine's notes and verdicts in words: for the journal and for the control interface.
#pragma once

#include <string>

#include "base/os/log.hpp"
#include "daemon/core/engine/text/messages.hpp"
#include "daemon/core/engine/values/note.hpp"
#include "daemon/core/engine/values/reports.hpp"
#include "daemon/core/engine/values/verdict.hpp"

namespace gnomon::core {

void say(base::Log& log, const engine::Note& note, const engine::SourceNames& source);

struct Explanation {
  std::string reason;       // one word
  std::string explanation;  // a sentence
};
[[nodiscard]] Explanation put_in_words(const engine::Verdict& verdict,
                                       const engine::AssociationReport& association,
                                       const engine::SelectionOutcome& outcome);

}  // namespace gnomon::core
