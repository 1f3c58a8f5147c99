// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/selection/selection.hpp"

#include <algorithm>
#include <chrono>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using config::AuthSelectMode;
using namespace std::chrono_literals;

namespace {

Candidate good(std::uint32_t id, double offset = 0, double distance = 0.01) {
  Candidate c;
  c.id = {id};
  c.samples = 8;
  c.reach = 0xff;
  c.stratum = {2};
  c.offset = base::Seconds{offset};
  c.distance = base::Seconds{distance};
  c.jitter = base::Seconds{1e-4};
  c.skew = 1e-6;
  return c;
}

struct Choice {
  config::SelectionSettings settings;
  std::vector<Candidate> candidates;
  std::optional<base::SourceId> current;
  bool others_awaited = false;
  std::optional<base::Duration> patience;
  Selection result;

  Selection& run(std::optional<base::SourceId> updated = std::nullopt) {
    result = select(candidates, {settings, current, updated, others_awaited, patience, 1e-6});
    for (std::size_t i = 0; i < candidates.size(); ++i)
      candidates[i].score = result.verdicts[i].evidence.score;
    if (result.selected) current = result.verdicts[*result.selected].source;
    return result;
  }
  Reason reason(std::size_t i) { return result.verdicts[i].reason; }
  SourceState state(std::size_t i) { return result.verdicts[i].state; }
};

}  // namespace

TEST_CASE("each reason not to be looked at has its verdict") {
  const auto verdict = [](auto change) {
    Choice choice;
    Candidate c = good(1);
    change(c);
    choice.candidates = {c};
    choice.run();
    CHECK_FALSE(choice.result.selected);
    return choice.result.verdicts[0];
  };
  CHECK(verdict([](Candidate& c) { c.no_select = true; }).reason == Reason::no_select);
  CHECK(verdict([](Candidate& c) { c.samples = 2; }).reason == Reason::missing_samples);
  CHECK(verdict([](Candidate& c) { c.leap = base::LeapIndicator::unsynchronised; }).reason ==
        Reason::unsynchronised);
  CHECK(verdict([](Candidate& c) { c.stratum = {16}; }).reason == Reason::unsynchronised);
  const auto far = verdict([](Candidate& c) { c.distance = base::Seconds{3.1}; });
  CHECK(far.reason == Reason::distance_too_large);
  CHECK(far.evidence.limit == 3.0);
  const auto jittery = verdict([](Candidate& c) { c.jitter = base::Seconds{1.5}; });
  CHECK(jittery.reason == Reason::too_jittery);
  CHECK(jittery.state == SourceState::jittery);
}

TEST_CASE("strata outside minstratum and maxstratum are refused") {
  Choice choice;
  choice.settings.max_stratum = {3};
  choice.candidates = {good(1), good(2)};
  choice.candidates[0].stratum = {4};
  choice.run();
  CHECK(choice.reason(0) == Reason::stratum_out_of_range);
  CHECK(choice.reason(1) == Reason::best);
}

TEST_CASE("the nearest is selected, those like it are combined, distant ones are not") {
  Choice choice;
  choice.candidates = {good(1, 0, 0.011), good(2, 0, 0.010), good(3, 0, 0.2)};
  choice.run();
  CHECK(choice.reason(0) == Reason::combined);
  CHECK(choice.state(0) == SourceState::combined);
  CHECK(choice.reason(1) == Reason::best);
  CHECK(choice.reason(2) == Reason::distant);
  CHECK(choice.state(2) == SourceState::selectable);
  choice.settings.combine_limit = 0;
  choice.run();
  CHECK(choice.reason(0) == Reason::distant);
}

TEST_CASE("a falseticker is told from the majority") {
  Choice choice;
  choice.candidates = {good(1), good(2, 0.001), good(3, 5)};
  choice.run();
  CHECK(choice.reason(2) == Reason::falseticker);
  CHECK(choice.result.selected);
}

TEST_CASE("without a majority nobody is believed") {
  Choice choice;
  choice.candidates = {good(1), good(2, 5)};
  choice.run();
  CHECK_FALSE(choice.result.selected);
  REQUIRE(choice.result.outcome.disagreement);
  CHECK(choice.result.outcome.disagreement->agreeing == 1);
  CHECK(choice.result.outcome.disagreement->voters == 2);
  CHECK(choice.state(0) == SourceState::falseticker);
  CHECK(choice.state(1) == SourceState::falseticker);
}

TEST_CASE("authselectmode decides about plain sources beside authenticated ones") {
  Choice choice;
  choice.candidates = {good(1), good(2, 0.5)};  // plain and authenticated disagree
  choice.candidates[1].authenticated = true;
  SECTION("mix trusts and requires the authenticated one") {
    choice.run();
    CHECK(choice.reason(0) == Reason::falseticker);
    CHECK(choice.reason(1) == Reason::best);
    choice.candidates[1].samples = 0;
    choice.run();
    CHECK(choice.reason(0) == Reason::waits_for_more);
  }
  SECTION("prefer does not select the plain one") {
    choice.settings.auth_select_mode = AuthSelectMode::prefer;
    choice.run();
    CHECK(choice.reason(0) == Reason::no_select);
    choice.candidates[1].no_select = true;
    choice.run();
    CHECK(choice.reason(0) == Reason::best);
  }
  SECTION("require never selects the plain one") {
    choice.settings.auth_select_mode = AuthSelectMode::require;
    choice.candidates[1].no_select = true;
    choice.run();
    CHECK(choice.reason(0) == Reason::no_select);
  }
  SECTION("ignore makes no difference between them") {
    choice.settings.auth_select_mode = AuthSelectMode::ignore;
    choice.run();
    CHECK(choice.result.outcome.disagreement);
  }
}

TEST_CASE("mix leaves sources of one kind alone") {
  Choice choice;
  choice.candidates = {good(1), good(2)};
  choice.run();
  CHECK(choice.result.selected);
}

TEST_CASE("a plain source near the trusted ones but off their point is not agreed") {
  Choice choice;
  choice.candidates = {good(1, 0, 0.1), good(2, 0.09, 0.1), good(3, 0.3, 0.12)};
  choice.candidates[0].trust = choice.candidates[1].trust = true;
  choice.run();
  CHECK(choice.reason(2) == Reason::not_agreed_by_trusted);
}

TEST_CASE("a plain source does not draw the clock to where no trusted one has it") {
  Choice choice;
  choice.candidates = {good(1, 1, 0.6), good(2, -0.1, 0.4), good(3, 0, 0.61)};
  choice.candidates[2].trust = true;
  choice.run();
  CHECK(choice.reason(0) == Reason::not_agreed_by_trusted);
  CHECK(choice.reason(1) == Reason::best);
  CHECK(choice.reason(2) == Reason::combined);
  choice.candidates[0].trust = true;  // now that is trusted as well
  choice.run();
  CHECK(choice.state(0) != SourceState::unselectable);
  CHECK(choice.reason(1) == Reason::not_agreed_by_trusted);
}

TEST_CASE("of the trusted sources a majority must agree, and the vote counts them alone") {
  Choice choice;
  choice.candidates = {good(1), good(2), good(3, 1), good(4, 2), good(5, 2)};
  for (const int i : {0, 2, 3, 4}) choice.candidates[static_cast<std::size_t>(i)].trust = true;
  choice.run();
  REQUIRE(choice.result.outcome.disagreement);
  CHECK(choice.result.outcome.disagreement->agreeing == 2);
  CHECK(choice.result.outcome.disagreement->voters == 4);
  CHECK(choice.result.outcome.disagreement->trusted);
}

TEST_CASE("a required source must be among the good ones") {
  Choice choice;
  choice.candidates = {good(1), good(2)};
  choice.candidates[1].require = true;
  choice.run();
  CHECK(choice.result.selected);
  choice.candidates[1].samples = 0;
  choice.run();
  CHECK_FALSE(choice.result.selected);
  CHECK(choice.reason(0) == Reason::waits_for_more);
}

TEST_CASE("minsources good ones must be there") {
  Choice choice;
  choice.settings.min_sources = 2;
  choice.candidates = {good(1)};
  choice.run();
  CHECK(choice.reason(0) == Reason::waits_for_more);
  CHECK(choice.result.verdicts[0].evidence.limit == 2);
  choice.candidates.push_back(good(2));
  choice.run();
  CHECK(choice.result.selected);
}

TEST_CASE("a preferred source keeps the others out while it is good") {
  Choice choice;
  choice.candidates = {good(1, 0, 0.001), good(2, 0, 0.1)};
  choice.candidates[1].prefer = true;
  choice.run();
  CHECK(choice.reason(0) == Reason::not_preferred);
  CHECK(choice.reason(1) == Reason::best);
}

TEST_CASE("an unreachable source is used only while its samples are as new as those of one that answers") {
  using namespace std::chrono_literals;
  Choice choice;
  choice.candidates = {good(1), good(2)};
  choice.candidates[0].reach = 0;
  choice.candidates[0].last_sample = 2000s;
  choice.candidates[1].first_sample = 1000s;
  choice.run();
  CHECK(choice.reason(0) == Reason::stale);
  CHECK(choice.result.outcome.unreachable == 1);
  choice.candidates[0].last_sample = 900s;
  choice.run();
  CHECK(choice.reason(0) != Reason::stale);
  choice.candidates.pop_back();
  choice.run();
  CHECK(choice.reason(0) == Reason::stale);
  CHECK_FALSE(choice.result.selected);
}

TEST_CASE("a first correction waits for whoever may still answer, but not for the silent") {
  Choice choice;
  choice.candidates = {good(1), good(2)};
  choice.candidates[1].samples = GENERATE(0U, 1U, 2U);
  choice.candidates[1].ready_in = 0s;
  choice.run();
  CHECK(choice.reason(0) == Reason::waits_for_others);
  CHECK_FALSE(choice.result.selected);
  choice.candidates[1].ready_in.reset();
  choice.run();
  CHECK(choice.reason(0) == Reason::best);
}

TEST_CASE("a first correction waits for a pool whose addresses are not known yet") {
  Choice choice;
  choice.candidates = {good(1)};
  choice.others_awaited = true;
  choice.run();
  CHECK(choice.reason(0) == Reason::waits_for_others);
}

TEST_CASE("who needs more time than that for its samples is not waited for, nor is anybody for longer") {
  Choice choice;
  choice.candidates = {good(1), good(2)};
  choice.candidates[1].samples = 1;
  choice.candidates[1].ready_in = 9s;
  choice.run();
  CHECK(choice.reason(0) == Reason::best);
  choice.current.reset();
  choice.candidates[1].ready_in = 8s;
  choice.run();
  CHECK(choice.reason(0) == Reason::waits_for_others);
  CHECK(choice.result.patience == 8s);
  choice.patience = 1s;
  choice.candidates[1].ready_in = 1s;
  choice.run();
  CHECK(choice.reason(0) == Reason::waits_for_others);
  choice.others_awaited = true;
  choice.candidates[1].ready_in = choice.patience = 0s;
  choice.run();
  CHECK(choice.reason(0) == Reason::best);
}

TEST_CASE("who became ready slowly waits for one interval, of a minute at most") {
  Choice choice;
  choice.candidates = {good(1), good(2)};
  choice.candidates[1].samples = 1;
  choice.candidates[1].ready_in = 1s;
  const auto patience = [&choice](base::Duration interval, std::uint32_t samples = 3) {
    choice.candidates[0].samples = samples;
    choice.candidates[0].first_sample = interval * (samples - 1);
    return choice.run().patience;
  };
  CHECK(patience(2s) == 8s);
  CHECK(patience(32s) == 32s);
  CHECK(patience(1024s) == 64s);
  CHECK(patience(1024s, 20) == 8s);  // known from before the start
  choice.candidates.push_back(good(3));
  CHECK(patience(32s) == 8s);
}

TEST_CASE("nobody is waited for who may not select, and by nobody once one is followed") {
  Choice choice;
  choice.candidates = {good(1), good(2)};
  choice.candidates[1].samples = 1;
  choice.candidates[1].ready_in = 0s;
  choice.candidates[1].no_select = true;
  choice.run();
  CHECK(choice.reason(0) == Reason::best);
  choice.candidates[1].no_select = false;
  choice.current = base::SourceId{1};
  choice.run();
  CHECK(choice.reason(0) == Reason::best);
}

TEST_CASE("the selected source is replaced only by one that stays clearly better") {
  Choice choice;
  choice.candidates = {good(1, 0, 0.010), good(2, 0, 0.020)};
  choice.run();
  CHECK(choice.reason(0) == Reason::best);
  choice.candidates[1].distance = base::Seconds{0.005};
  int rounds = 0;
  while (choice.current == base::SourceId{1} && rounds < 20) {
    choice.run(base::SourceId{2});
    ++rounds;
  }
  CHECK(rounds > 2);
  CHECK(choice.current == base::SourceId{2});
  for (int i = 0; i < 20; ++i) choice.run();  // time alone moves no score
  CHECK(choice.current == base::SourceId{2});
}

TEST_CASE("a lower stratum is worth stratumweight") {
  Choice choice;
  choice.candidates = {good(1, 0, 0.0100), good(2, 0, 0.0095)};
  choice.candidates[1].stratum = {3};
  choice.run();
  CHECK(choice.reason(0) == Reason::best);
}

TEST_CASE("stratumweight and reselectdist count in seconds of distance") {
  const auto takes_over = [](double stratum_weight, double reselect_distance) {
    Choice choice;
    choice.settings.stratum_weight = base::Seconds{stratum_weight};
    choice.settings.reselect_distance = base::Seconds{reselect_distance};
    choice.candidates = {good(1, 0, 0.0100), good(2, 0, 0.0020)};
    choice.candidates[1].stratum = {3};
    choice.current = base::SourceId{1};
    for (int i = 0; i < 40; ++i) choice.run(base::SourceId{2});
    return choice.current == base::SourceId{2};
  };
  CHECK(takes_over(0, 0));
  CHECK(takes_over(0.001, 0.0001));
  CHECK_FALSE(takes_over(0.010, 0));
  CHECK_FALSE(takes_over(0, 0.010));
}

TEST_CASE("combinelimit says how much farther a source may be to be combined, 0 combines none") {
  const auto second = [](double limit) {
    Choice choice;
    choice.settings.combine_limit = limit;
    choice.candidates = {good(1, 0, 0.010), good(2, 0, 0.025)};
    choice.run();
    return choice.reason(1);
  };
  CHECK(second(3) == Reason::combined);
  CHECK(second(2) == Reason::distant);
  CHECK(second(0) == Reason::distant);
}

TEST_CASE("what makes the distance too large is named where it is the jitter") {
  Choice choice;
  choice.candidates = {good(1, 0, 100), good(2), good(3)};
  choice.candidates[0].jitter = base::Seconds{100};
  choice.run();
  CHECK(choice.reason(0) == Reason::too_jittery);
}

TEST_CASE("maxdistance, maxjitter and minstratum are the limits that they say") {
  Choice choice;
  choice.settings.max_distance = base::Seconds{0.05};
  choice.settings.max_jitter = base::Seconds{0.01};
  choice.settings.min_stratum = {2};
  choice.candidates = {good(1, 0, 0.051), good(2), good(3), good(4, 0, 0.05)};
  choice.candidates[1].jitter = base::Seconds{0.011};
  choice.candidates[2].stratum = {1};
  choice.candidates[3].jitter = base::Seconds{0.01};
  choice.run();
  CHECK(choice.reason(0) == Reason::distance_too_large);
  CHECK(choice.reason(1) == Reason::too_jittery);
  CHECK(choice.reason(2) == Reason::stratum_out_of_range);
  CHECK(choice.reason(3) == Reason::best);
}

TEST_CASE("a trusted source that stands alone outvotes the others, noselect is never selected") {
  Choice choice;
  choice.candidates = {good(1, 0), good(2, 0), good(3, 1)};
  choice.candidates[2].trust = true;
  choice.run();
  CHECK(choice.reason(2) == Reason::best);
  CHECK(choice.state(0) == SourceState::falseticker);
  choice.candidates[2].no_select = true;
  choice.run();
  CHECK(choice.reason(2) == Reason::no_select);
  CHECK(choice.result.selected);
}

TEST_CASE("orphans elect the smallest address among them, ourselves included, when nobody else is left") {
  const auto elected = [](std::uint32_t ours, bool with_server = false) {
    Choice choice;
    choice.candidates = {good(1), good(2), good(3)};
    for (std::uint32_t i = 0; i < 3; ++i) {
      choice.candidates[i].stratum = {10};
      choice.candidates[i].address_id = {i + 10};
      choice.candidates[i].local_id = {ours};
    }
    choice.candidates[0].reach = 0;       // 10 is gone
    choice.candidates[2].stratum = {11};  // 12 follows somebody
    if (with_server) choice.candidates.push_back(good(4));
    choice.result = select(choice.candidates,
                           {choice.settings, std::nullopt, std::nullopt, false, std::nullopt, 1e-6, 10});
    return choice.result.selected ? choice.result.verdicts[*choice.result.selected].source.value : 0;
  };
  CHECK(elected(13) == 2);
  CHECK(elected(11) == 0);
  CHECK(elected(5) == 0);  // it is us
  CHECK(elected(0) == 0);  // our own address is not known
  CHECK(elected(13, true) == 4);
}

}  // namespace gnomon::testing
