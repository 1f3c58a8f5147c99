// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/turn.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/engine/association/script.hpp"

namespace gnomon::testing {

using namespace engine;

TEST_CASE("the notes of a turn are of its source, in order, and can be added to") {
  Turn turn = turn_at(base::MonoTime{1s});
  turn.note(NoteKind::source_reachable);
  turn.note(NoteKind::ke_failed, 16, "text").reason = "reason";
  REQUIRE(turn.step.notes.size() == 2);
  CHECK(turn.step.notes[0].kind == NoteKind::source_reachable);
  CHECK(turn.step.notes[1].source == base::SourceId{7});
  CHECK(turn.step.notes[1].value == 16);
  CHECK(turn.step.notes[1].text == "text");
  CHECK(turn.step.notes[1].reason == "reason");
}

TEST_CASE("a turn spreads intervals and back-offs by different octets") {
  const Turn turn = turn_at(base::MonoTime{1s});
  CHECK(turn.wander() == wander_of(turn.entropy));
  CHECK(turn.jitter() == jitter_of(turn.entropy));
  CHECK(turn.wander() != turn.jitter());
}

}  // namespace gnomon::testing
