// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/turn.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/engine/association/script.hpp"

namespace gnomon::testing {

using namespace engine;

TEST_CASE("the notes of a turn are of its source, in order") {
  Turn turn = turn_at(base::MonoTime{1s});
  turn.note(note::SourceReachable{});
  turn.note(note::CookiesRejected{"why"});
  REQUIRE(turn.step.notes.size() == 2);
  CHECK(is_about<note::SourceReachable>(turn.step.notes[0]));
  CHECK(turn.step.notes[1].source == base::SourceId{7});
  CHECK(std::get<note::CookiesRejected>(turn.step.notes[1].subject).why == "why");
}

TEST_CASE("a turn spreads intervals and back-offs by different octets") {
  const Turn turn = turn_at(base::MonoTime{1s});
  CHECK(turn.wander() == wander_of(turn.entropy));
  CHECK(turn.jitter() == jitter_of(turn.entropy));
  CHECK(turn.wander() != turn.jitter());
}

}  // namespace gnomon::testing
