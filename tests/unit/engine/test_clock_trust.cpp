// SPDX-License-Identifier: GPL-2.0-or-later
// The first minute with a clock that may be years off.
#include <array>

#include "daemon/core/engine/clock_trust.hpp"
#include "daemon/core/engine/words.hpp"
#include "tests/unit/engine/hand.hpp"
#include "tests/unit/engine/nts_server.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

constexpr auto year = std::chrono::hours(24 * 365);
const base::RealTime built{1'700'000'000s};
using Vote = ClockTrust::Vote;

struct Trust {
  explicit Trust(base::Duration clock, std::optional<base::RealTime> saved = {}) : trust({built, saved}) {
    now = {built + clock, base::MonoTime{100s}};
  }
  std::vector<Note> vote(std::vector<double> offsets, std::size_t sources, base::Duration after = 1s) {
    std::vector<Vote> votes;
    for (const double offset : offsets)
      votes.push_back({base::Seconds{offset - 0.1}, base::Seconds{offset + 0.1}});
    now.real += after;
    now.mono += after;
    return trust.consider({}, votes, sources, now);
  }
  ClockTrust trust;
  base::Now now;
};

bool says(const std::vector<Note>& notes, NoteKind kind) {
  return std::ranges::find(notes, kind, &Note::kind) != notes.end();
}

const double ten_years = base::to_seconds(10 * year).count();

}  // namespace

TEST_CASE("a majority of NTS sources tells what time it may be") {
  Trust t(-5 * year);
  CHECK(t.trust.first_look(t.now));
  CHECK(t.vote({ten_years}, 3).empty());
  CHECK(t.trust.standing() == ClockStanding::unknown);
  const auto notes = t.vote({ten_years, ten_years}, 3);
  CHECK(says(notes, NoteKind::time_presumed));
  CHECK(t.trust.standing() == ClockStanding::presumed);
  const auto dates = t.trust.dates(t.now);
  CHECK_FALSE(dates.forgive_early);
  CHECK_FALSE(dates.forgive_expired);
  CHECK(base::to_seconds(dates.correction).count() == Approx(ten_years));
  CHECK(dates.earliest == built);
}

TEST_CASE("where most sources stay silent, those that answer are enough after 16 s") {
  Trust t(-5 * year);
  CHECK(t.vote({ten_years}, 2).empty());
  CHECK(t.vote({ten_years}, 2, 10s).empty());
  CHECK(says(t.vote({ten_years}, 2, 7s), NoteKind::time_presumed));
}

TEST_CASE("sources that disagree are not believed") {
  Trust t(-5 * year);
  CHECK(says(t.vote({ten_years, ten_years + 1000}, 2), NoteKind::no_majority));
  CHECK(t.vote({ten_years, ten_years + 1000}, 2).empty());  // said once
  CHECK(t.trust.standing() == ClockStanding::unknown);
  CHECK(says(t.vote({ten_years, ten_years, ten_years + 1000}, 3), NoteKind::time_presumed));
}

TEST_CASE("no source leads to a time before the build or before the saved time") {
  Trust by_build(year);
  CHECK(by_build.vote({-ten_years}, 1, 20s).empty());
  CHECK(by_build.trust.standing() == ClockStanding::unknown);
  Trust by_saved(3 * year, built + 2 * year);
  CHECK(by_saved.vote({-1.5 * ten_years / 10}, 1, 20s).empty());
  CHECK(says(by_saved.vote({-0.5 * ten_years / 10}, 1), NoteKind::time_presumed));  // ahead, and set back
}

TEST_CASE("an expired certificate is expired where the clock reads about what was saved") {
  const auto expired = [](base::Duration clock, std::optional<base::RealTime> saved) {
    const Trust t(clock, saved);
    return t.trust.dates(t.now).forgive_expired;
  };
  CHECK(expired(year, {}));
  CHECK_FALSE(expired(year, built + year - 1h));
  CHECK(expired(9 * year, built + year));
  CHECK(expired(-year, built + year));
  const Trust stood_still(year, built + year - 1h);
  CHECK(stood_still.trust.dates(stood_still.now).forgive_early);
}

TEST_CASE("certificates are never checked without their dates once the time is known") {
  Trust t(0s);
  static_cast<void>(t.trust.consider(base::Seconds{100}, {}, 2, t.now));
  CHECK(t.trust.standing() == ClockStanding::confirmed);
  const auto dates = t.trust.dates(t.now);
  CHECK_FALSE(dates.forgive_early);
  CHECK_FALSE(dates.forgive_expired);
  CHECK(dates.correction == 100s);
  t.trust.clock_jumped();
  CHECK(t.trust.standing() == ClockStanding::confirmed);
}

TEST_CASE("a time that no certificate confirms is given up again") {
  Trust t(0s);
  static_cast<void>(t.vote({ten_years}, 1));
  CHECK(t.vote({}, 1, 1000s).empty());
  CHECK(says(t.vote({}, 1, 100s), NoteKind::time_not_confirmed));
  CHECK(t.trust.standing() == ClockStanding::unknown);
  CHECK(t.trust.dates(t.now).correction == 0s);
}

TEST_CASE("a provisional source does not set the clock, and its measurements end with its standing") {
  Hand hand({});
  hand.timekeeper.set_provisional(base::SourceId{1}, true);
  for (int i = 0; i < 6; ++i) CHECK_FALSE(find<SetRate>(hand.give(ten_years)));
  REQUIRE(hand.timekeeper.verdicts().size() == 1);
  const auto& verdict = hand.timekeeper.verdicts()[0];
  CHECK(verdict.reason == Reason::provisional);
  CHECK(verdict.evidence.offset.count() == Approx(ten_years));
  CHECK(hand.timekeeper.updates() == 0);
  AssociationReport report;
  report.name = "ntp.example";
  CHECK(explain(verdict, report).find("only helps to find out the date") != std::string::npos);
  hand.timekeeper.set_provisional(base::SourceId{1}, false);
  static_cast<void>(hand.timekeeper.update(base::SourceId{1}, {.reach = 1}, std::nullopt, hand.now));
  for (int i = 0; i < 2; ++i) static_cast<void>(hand.give(0.25));
  CHECK(hand.timekeeper.updates() == 0);
  static_cast<void>(hand.give(0.25));
  CHECK(hand.timekeeper.updates() == 1);
}

TEST_CASE("keys by a certificate of doubtful dates are replaced by a strict NTS-KE, or taken away") {
  NtsServer server;
  Surroundings around;
  around.aeads = {15};
  around.dates = {.forgive_early = true, .forgive_expired = true, .correction = {}, .earliest = built};
  Script script(nts_source(), around);
  Step step = script.play(Started{});
  CHECK_FALSE(std::get<Establish>(step.action).ignore_certificate_dates);
  step = script.play(EstablishFailed{{protocol::KeFailureReason::certificate_not_yet_valid, "detail"}});
  CHECK(has_note(step, NoteKind::dates_forgiven));
  CHECK_FALSE(has_note(step, NoteKind::ke_failed));
  while (!std::holds_alternative<Establish>(step.action)) step = script.wake(step.action);
  CHECK(script.now.mono - base::MonoTime{5000s} == 8s);
  CHECK(std::get<Establish>(step.action).ignore_certificate_dates);
  CHECK(std::get<Establish>(step.action).earliest == built);
  step = established(script, server.session());
  CHECK(has_note(step, NoteKind::ke_provisional));
  CHECK(script.association.hangs_on_dates());
  const auto asked = script.now.mono;
  step = answer(script, server, step.action);
  CHECK(step.sample);

  around.dates = {.correction = 10 * year, .earliest = built};
  script.association.set_surroundings(around);
  step = script.play(Prod{ProdKind::time_known});
  REQUIRE(std::holds_alternative<Establish>(step.action));
  CHECK_FALSE(std::get<Establish>(step.action).ignore_certificate_dates);
  CHECK(std::get<Establish>(step.action).clock_correction == 10 * year);
  SECTION("it holds") {
    step = established(script, server.session());
    CHECK_FALSE(script.report().auth.provisional);
    CHECK_FALSE(script.association.hangs_on_dates());
    if (std::holds_alternative<Wait>(step.action)) step = script.wake(step.action);
    CHECK(script.now.mono - asked < 3s);
    CHECK(std::holds_alternative<Exchange>(step.action));
  }
  SECTION("it does not") {
    step = script.play(EstablishFailed{{protocol::KeFailureReason::certificate_expired, "detail"}});
    CHECK(has_note(step, NoteKind::ke_failed));
    CHECK_FALSE(script.report().auth.provisional);
    CHECK(script.report().auth.cookies == 0);
    CHECK(script.wait_of(step.action) > 60s);
  }
}

TEST_CASE("a date that is not doubtful is not forgiven, and other faults never are") {
  const auto forgiven = [](CertificateDates dates, protocol::KeFailureReason reason) {
    Surroundings around;
    around.dates = dates;
    Script script(nts_source(), around);
    static_cast<void>(script.play(Started{}));
    return has_note(script.play(EstablishFailed{{reason, {}}}), NoteKind::dates_forgiven);
  };
  using R = protocol::KeFailureReason;
  CHECK(forgiven({.forgive_early = true}, R::certificate_not_yet_valid));
  CHECK_FALSE(forgiven({.forgive_early = true}, R::certificate_expired));
  CHECK(forgiven({.forgive_expired = true}, R::certificate_expired));
  // Its authority may be one at the right time; if not, the attempt without dates fails as well.
  CHECK(forgiven({.forgive_early = true}, R::certificate_untrusted));
  CHECK_FALSE(forgiven({}, R::certificate_not_yet_valid));
  for (const auto reason : {R::certificate_wrong_name, R::certificate_invalid, R::no_alpn})
    CHECK_FALSE(forgiven({.forgive_early = true, .forgive_expired = true}, reason));
}

}  // namespace gnomon::testing
