// SPDX-License-Identifier: GPL-2.0-or-later
// The first minute with a clock that may be years off.
#include <array>

#include "daemon/core/engine/discipline/clock_trust.hpp"
#include "daemon/core/engine/text/messages.hpp"
#include "tests/unit/engine/association/nts_server.hpp"
#include "tests/unit/engine/discipline/hand.hpp"

namespace gnomon::testing {

using namespace engine;
using protocol::DateCheck;

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

template <class Subject>
bool says(const std::vector<Note>& notes) {
  return std::ranges::any_of(notes, is_about<Subject>);
}

const double ten_years = base::to_seconds(10 * year).count();

}  // namespace

TEST_CASE("a majority of NTS sources tells what time it may be") {
  Trust t(-5 * year);
  CHECK(t.trust.first_look(t.now));
  CHECK(t.vote({ten_years}, 3).empty());
  CHECK(t.trust.belief() == ClockBelief::unknown);
  const auto notes = t.vote({ten_years, ten_years}, 3);
  CHECK(says<note::TimePresumed>(notes));
  CHECK(t.trust.belief() == ClockBelief::presumed);
  const auto dates = t.trust.dates(t.now);
  CHECK_FALSE(dates.forgive_early);
  CHECK(base::to_seconds(dates.correction).count() == Approx(ten_years));
  CHECK(dates.earliest == built);
}

TEST_CASE("of a clock that the sources find right nothing is said, now and when no certificate was valid") {
  Trust t(year);
  CHECK(t.vote({0.01}, 1).empty());
  CHECK(t.trust.belief() == ClockBelief::presumed);
  CHECK(t.vote({0.01}, 1, 1025s).empty());
  CHECK(t.trust.belief() == ClockBelief::unknown);
  Trust wrong(-5 * year);
  CHECK(says<note::TimePresumed>(wrong.vote({ten_years}, 1)));
  CHECK(says<note::TimeNotConfirmed>(wrong.vote({ten_years}, 1, 1025s)));
}

TEST_CASE("more than half of all configured NTS sources must agree, however long the others are silent") {
  const std::size_t sources = GENERATE(2U, 3U, 4U, 5U);
  const std::size_t enough = sources / 2 + 1;
  for (std::size_t votes = 1; votes < enough; ++votes) {
    Trust t(-5 * year);
    const std::vector<double> few(votes, ten_years);
    CHECK(t.vote(few, sources).empty());
    CHECK(says<note::DateMajorityMissing>(t.vote(few, sources, 17s)));
    CHECK(t.vote(few, sources, 1h).empty());  // said once
    CHECK(t.trust.belief() == ClockBelief::unknown);
    CHECK(t.trust.dates(t.now).correction == 0s);
  }
  Trust t(-5 * year);
  CHECK(says<note::TimePresumed>(t.vote(std::vector<double>(enough, ten_years), sources)));
}

TEST_CASE("a majority of those that answer is none where they are not a majority of all") {
  Trust t(-5 * year);
  CHECK(says<note::NoMajority>(t.vote({ten_years, ten_years, ten_years + 1000}, 5)));
  CHECK(t.trust.belief() == ClockBelief::unknown);
  CHECK(says<note::TimePresumed>(t.vote({ten_years, ten_years, ten_years, ten_years + 1000}, 5)));
}

TEST_CASE("sources that disagree are not believed") {
  Trust t(-5 * year);
  CHECK(says<note::NoMajority>(t.vote({ten_years, ten_years + 1000}, 2)));
  CHECK(t.vote({ten_years, ten_years + 1000}, 2).empty());  // said once
  CHECK(t.trust.belief() == ClockBelief::unknown);
  CHECK(says<note::TimePresumed>(t.vote({ten_years, ten_years, ten_years + 1000}, 3)));
}

TEST_CASE("no source leads to a time before our clock's, before the build or before the saved time") {
  const auto votes = [](base::Duration clock, std::optional<base::RealTime> saved, double offset) {
    Trust t(clock, saved);
    return says<note::TimePresumed>(t.vote({offset}, 1, 20s));
  };
  const double one_year = ten_years / 10;
  CHECK_FALSE(votes(year, {}, -0.5 * one_year));  // a possible time, but a step back
  CHECK_FALSE(votes(year, {}, -1));
  CHECK_FALSE(votes(3 * year, built + 2 * year, -0.5 * one_year));
  CHECK_FALSE(votes(-2 * year, {}, one_year));  // before the build
  CHECK_FALSE(votes(-2 * year, built + year, 2.5 * one_year));
  CHECK(votes(-2 * year, built + year, 3.5 * one_year));
  CHECK(votes(year, built + year, 1));
}

TEST_CASE("the least that the time can be is of no account once sources have told the time") {
  Trust t(year, built + 10 * year);  // saved when somebody lied
  CHECK(t.trust.dates(t.now).earliest == built + 10 * year);
  static_cast<void>(t.trust.consider(base::Seconds{0}, {}, 2, t.now));
  CHECK(t.trust.dates(t.now).earliest == base::RealTime{});
}

TEST_CASE("certificates are never checked without their dates once the time is known") {
  Trust t(0s);
  static_cast<void>(t.trust.consider(base::Seconds{100}, {}, 2, t.now));
  CHECK(t.trust.belief() == ClockBelief::confirmed);
  const auto dates = t.trust.dates(t.now);
  CHECK_FALSE(dates.forgive_early);
  CHECK(dates.correction == 100s);
  t.trust.clock_jumped();
  CHECK(t.trust.belief() == ClockBelief::confirmed);
}

TEST_CASE("a time that no certificate confirms is given up again") {
  Trust t(0s);
  static_cast<void>(t.vote({ten_years}, 1));
  CHECK(t.vote({}, 1, 1000s).empty());
  CHECK(says<note::TimeNotConfirmed>(t.vote({}, 1, 100s)));
  CHECK(t.trust.belief() == ClockBelief::unknown);
  CHECK(t.trust.dates(t.now).correction == 0s);
}

TEST_CASE("a provisional source does not set the clock, and its measurements end with that status") {
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
  CHECK(explain(verdict, report).find("only helps to find the date") != std::string::npos);
  hand.timekeeper.set_provisional(base::SourceId{1}, false);
  static_cast<void>(hand.timekeeper.update(base::SourceId{1}, {.reach = 1}, std::nullopt, hand.now));
  for (int i = 0; i < 2; ++i) static_cast<void>(hand.give(0.25));
  CHECK(hand.timekeeper.updates() == 0);
  static_cast<void>(hand.give(0.25));
  CHECK(hand.timekeeper.updates() == 1);
}

TEST_CASE("keys by a certificate of doubtful dates are replaced by a strict NTS-KE, or taken away") {
  NtsServer server;
  EngineContext context;
  context.aeads = {15};
  context.dates = {.forgive_early = true, .correction = {}, .earliest = built};
  Script script(nts_source(), context);
  Step step = script.play(Started{});
  CHECK(std::get<Establish>(step.action).date_check == DateCheck::strict);
  step = script.play(EstablishFailed{{protocol::KeFailureReason::certificate_not_yet_valid, "detail"}});
  CHECK(has_note<note::DatesForgiven>(step));
  CHECK_FALSE(has_note<note::KeFailed>(step));
  while (!std::holds_alternative<Establish>(step.action)) step = script.wake(step.action);
  CHECK(script.now.mono - base::MonoTime{5000s} == 8s);
  CHECK(std::get<Establish>(step.action).date_check == DateCheck::forgive_early);
  CHECK(std::get<Establish>(step.action).earliest == built);
  step = established(script, server.session());
  CHECK(has_note<note::KeProvisional>(step));
  CHECK(script.association.depends_on_cert_dates());
  const auto asked = script.now.mono;
  step = answer(script, server, step.action);
  CHECK(step.sample);

  context.dates = {.correction = 10 * year, .earliest = built};
  script.association.set_context(context);
  step = script.play(Interrupt{InterruptKind::time_known});
  REQUIRE(std::holds_alternative<Establish>(step.action));
  CHECK(std::get<Establish>(step.action).date_check == DateCheck::strict);
  CHECK(std::get<Establish>(step.action).clock_correction == 10 * year);
  SECTION("it holds") {
    step = established(script, server.session());
    CHECK_FALSE(script.report().auth.provisional);
    CHECK_FALSE(script.association.depends_on_cert_dates());
    if (std::holds_alternative<Wait>(step.action)) step = script.wake(step.action);
    CHECK(script.now.mono - asked < 3s);
    CHECK(std::holds_alternative<Exchange>(step.action));
  }
  SECTION("it does not") {
    step = script.play(EstablishFailed{{protocol::KeFailureReason::certificate_expired, "detail"}});
    CHECK(has_note<note::KeFailed>(step));
    CHECK_FALSE(script.report().auth.provisional);
    CHECK(script.report().auth.cookies == 0);
    CHECK(script.wait_of(step.action) > 60s);
  }
}

TEST_CASE("a date that is not doubtful is not forgiven, and other faults never are") {
  const auto forgiven = [](CertificateDates dates, protocol::KeFailureReason reason) {
    EngineContext context;
    context.dates = dates;
    Script script(nts_source(), context);
    static_cast<void>(script.play(Started{}));
    return has_note<note::DatesForgiven>(script.play(EstablishFailed{{reason, {}}}));
  };
  using R = protocol::KeFailureReason;
  CHECK(forgiven({.forgive_early = true}, R::certificate_not_yet_valid));
  // Its authority may be one at the right time; if not, the second attempt fails as well.
  CHECK(forgiven({.forgive_early = true}, R::certificate_untrusted));
  CHECK_FALSE(forgiven({}, R::certificate_not_yet_valid));
  for (const auto reason :
       {R::certificate_expired, R::certificate_wrong_name, R::certificate_invalid, R::no_alpn})
    CHECK_FALSE(forgiven({.forgive_early = true}, reason));
}

TEST_CASE("under an expired certificate no NTP packet leaves, in one-shot mode neither") {
  EngineContext context;
  context.one_shot = GENERATE(false, true);
  context.aeads = {15};
  context.dates = {.forgive_early = true, .earliest = built};
  Script script(nts_source(), context);
  Step step = script.play(Started{});
  for (int i = 0; i < 200 && !std::holds_alternative<Finish>(step.action); ++i) {
    CHECK_FALSE(std::holds_alternative<Exchange>(step.action));
    if (const auto* order = std::get_if<Establish>(&step.action)) {
      CHECK(order->date_check == DateCheck::strict);
      step = script.play(EstablishFailed{{protocol::KeFailureReason::certificate_expired, "detail"}});
    } else {
      step = script.wake(step.action);
    }
  }
  CHECK(script.report().ntp.total_tx == 0);
}

}  // namespace gnomon::testing
