// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/limit_watch.hpp"

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

std::optional<Note> look(LimitWatch& watch, Reason reason) {
  const Verdict verdict{.source = {3}, .reason = reason, .evidence = {.limit = 0.5}};
  return watch.look(verdict, {9});
}

}  // namespace

TEST_CASE("a limit that is exceeded by four samples in a row is told, once") {
  LimitWatch watch;
  for (int i = 1; i < LimitWatch::enough; ++i) CHECK_FALSE(look(watch, Reason::stratum_out_of_range));
  const auto note = look(watch, Reason::stratum_out_of_range);
  REQUIRE(note);
  CHECK(note->source == base::SourceId{3});
  CHECK(std::get<note::StratumRefused>(note->subject).stratum == 9);
  for (int i = 0; i < 20; ++i) CHECK_FALSE(look(watch, Reason::stratum_out_of_range));
}

TEST_CASE("a sample within the limits, or beyond another one, begins the count again") {
  LimitWatch watch;
  for (int i = 1; i < LimitWatch::enough; ++i) CHECK_FALSE(look(watch, Reason::too_jittery));
  CHECK_FALSE(look(watch, Reason::best));
  for (int i = 1; i < LimitWatch::enough; ++i) CHECK_FALSE(look(watch, Reason::too_jittery));
  for (int i = 1; i < LimitWatch::enough; ++i) CHECK_FALSE(look(watch, Reason::distance_too_large));
  const auto note = look(watch, Reason::distance_too_large);
  REQUIRE(note);
  CHECK(std::get<note::RootDistanceExceeded>(note->subject).limit == base::Seconds{0.5});
}

TEST_CASE("reasons that are no limit are never told") {
  LimitWatch watch;
  for (int i = 0; i < 10; ++i) CHECK_FALSE(look(watch, Reason::falseticker));
}

TEST_CASE("a source that four samples in a row find wrong is bad, for whatever reason") {
  LimitWatch watch;
  const auto contradicts = [&] {
    static_cast<void>(watch.look({.source = {3}, .state = SourceState::falseticker}, {9}));
  };
  for (int i = 1; i < LimitWatch::enough; ++i) contradicts();
  CHECK_FALSE(watch.is_bad());
  static_cast<void>(look(watch, Reason::too_jittery));
  CHECK(watch.is_bad());
  contradicts();
  CHECK(watch.is_bad());
  static_cast<void>(look(watch, Reason::combined));
  CHECK_FALSE(watch.is_bad());
}

}  // namespace gnomon::testing
