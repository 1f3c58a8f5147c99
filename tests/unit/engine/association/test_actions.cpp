// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/actions.hpp"

#include "daemon/core/engine/association/turn.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/association/script.hpp"

namespace gnomon::testing {

using namespace engine;

TEST_CASE("every action is a line that says what, with whom and until when") {
  const auto server = address("192.0.2.1");
  CHECK(to_string(Wait{base::MonoTime{1500ms}}) == "wait until 1.500 s");
  CHECK(to_string(Resolve{"ntp.example"}) == "resolve ntp.example");
  CHECK(to_string(LoadKept{server}) == "load what was kept of 192.0.2.1");
  CHECK(to_string(Establish{.name = "ntp.example", .server = {server, 4460}}) ==
        "establish keys with ntp.example at 192.0.2.1:4460");
  CHECK(to_string(Exchange{{server, 123}, base::Buffer(48), {}}) == "exchange with 192.0.2.1:123, 48 octets");
  CHECK(to_string(Listen{base::MonoTime{2s}}) == "listen until 2.000 s");
  CHECK(to_string(Finish{}) == "finish");
}

TEST_CASE("actions compare by what they ask for") {
  CHECK(Action{Wait{base::MonoTime{1s}}} == Action{Wait{base::MonoTime{1s}}});
  CHECK(Action{Wait{base::MonoTime{1s}}} != Action{Wait{base::MonoTime{2s}}});
  CHECK(Action{Wait{base::MonoTime{1s}}} != Action{Listen{base::MonoTime{1s}}});
}

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
