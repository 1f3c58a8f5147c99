// SPDX-License-Identifier: GPL-2.0-or-later
// Why a source is in the state it is in, in a sentence.
#include "daemon/core/engine/text/explanation.hpp"
#include "daemon/core/engine/text/messages.hpp"
#include "daemon/core/engine/values/packet_tests.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

namespace {

AssociationReport report() {
  AssociationReport r;
  r.name = "ntp.example";
  r.address = *base::parse_address("192.0.2.1");
  return r;
}

Verdict missing() {
  Verdict v;
  v.evidence.limit = 3;
  return v;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string explained(Reason reason, const Evidence& evidence = {}, const AssociationReport& r = report()) {
  Verdict v;
  v.reason = reason;
  v.evidence = evidence;
  return explain(v, r);
}

}  // namespace

TEST_CASE("every reason is explained in a sentence that begins with the source") {
  for (int i = 0; i <= static_cast<int>(Reason::distant); ++i) {
    const auto text = explained(static_cast<Reason>(i));
    CAPTURE(text);
    CHECK(text.starts_with("ntp.example (192.0.2.1) "));
    CHECK(text.ends_with("."));
    CHECK_FALSE(contains(text, "unknown state"));
  }
}

TEST_CASE("an address is not said twice, nor one that is not known") {
  auto r = report();
  r.name = "192.0.2.1";
  CHECK(explained(Reason::best, {}, r).starts_with("192.0.2.1 is selected"));
  r = report();
  r.address = {};
  CHECK(explained(Reason::best, {}, r).starts_with("ntp.example is selected"));
}

TEST_CASE("a source with a symmetric key is explained by its key first") {
  auto r = report();
  r.auth = {.mode = AuthMode::symmetric, .key_id = 7};
  CHECK(contains(explain(missing(), r), "its key 7 is missing"));
  r.auth.key_type = 2;
  r.ntp = {};
  r.ntp.total_tx = 4;
  CHECK(contains(explain(missing(), r), "it may have no key 7"));
  r.ntp.total_rx = 4;
  CHECK(contains(explain(missing(), r), "not with a MAC of key 7"));
}

TEST_CASE("missing samples are explained by the first thing that did not work") {
  auto r = report();
  CHECK(contains(explain(missing(), r), "3 are needed"));
  r.ntp.total_tx = 4;
  CHECK(contains(explain(missing(), r), "has not answered any of 4 requests"));
  r.ntp.total_rx = 4;
  r.kiss = base::reference_id("DENY");
  CHECK(contains(explain(missing(), r), "refuses to serve us: it answers with the kiss code DENY"));
  r.kiss = base::reference_id("RATE");
  CHECK(contains(explain(missing(), r), "asks for fewer requests (kiss code RATE)"));
  r.kiss.reset();
  r.ntp.total_rx = 0;
  r.auth.mode = AuthMode::nts;
  r.auth.last_failure = "certificate has expired";
  r.auth.ke_attempts = 2;
  CHECK(contains(explain(missing(), r), "the key exchange failed 2 times: certificate has expired; the log"));
  r.address = {};
  CHECK(contains(explain(missing(), r), "does not resolve"));
  r.activity = Activity::offline;
  CHECK(contains(explain(missing(), r), "offline"));
}

TEST_CASE("a reference clock without samples is explained by its last reading") {
  AssociationReport r;
  r.name = "PPS0";
  r.clock_id = {1};
  r.trouble = RefclockTrouble::silent;
  CHECK(explain(missing(), r).starts_with("PPS0 gives no readings; check its device"));
  for (int i = 1; i <= static_cast<int>(RefclockTrouble::not_synchronised); ++i) {
    r.trouble = static_cast<RefclockTrouble>(i);
    const auto text = explain(missing(), r);
    CAPTURE(text);
    CHECK_FALSE(contains(text, "DNS"));
    CHECK(text.starts_with("PPS0 "));
  }
  r.trouble = RefclockTrouble::silent;
  CHECK(explain_source({.reason = Reason::no_select}, r, {}).cause == "no_readings");
  r.reach = 1;
  CHECK(explain_source({.reason = Reason::no_select}, r, {}).cause == "no_select");
  r.reach = 0;
  r.trouble = RefclockTrouble::none;
  CHECK(explain_source({.reason = Reason::no_select}, r, {}).cause == "no_select");
  r.ntp.total_good_rx = 1;
  CHECK(explain(missing(), r) ==
        "PPS0 has given 1 sample so far and 3 are needed; selection will consider it soon.");
}

TEST_CASE("amounts are in the unit that suits them, offsets with their sign") {
  const auto limit = [](double seconds) { return explained(Reason::too_jittery, {.limit = seconds}); };
  CHECK(contains(limit(999e-9), " 999 ns"));
  CHECK(contains(limit(2e-6), " 2 us"));
  CHECK(contains(limit(0.0015), " 1.5 ms"));
  CHECK(contains(limit(1.25), " 1.250 s"));
  const Evidence behind{.offset = base::Seconds{0.0015}, .distance = base::Seconds{2e-6}};
  CHECK(contains(explained(Reason::best, behind), "offset +1.5 ms +/- 2 us"));
  const Evidence ahead{.offset = base::Seconds{-0.0015}, .distance = base::Seconds{2e-6}};
  CHECK(contains(explained(Reason::falseticker, ahead), "offset -1.5 ms +/- 2 us"));
}

TEST_CASE("what makes a source required that is missing is named, where that is known") {
  const auto told = [](Requirement requirement) {
    Verdict v;
    v.reason = Reason::waits_for_more;
    return explain_source(v, report(), {.lack = Lack::required}, requirement).what;
  };
  CHECK(contains(told(Requirement::option), "a source with the option require, of which none"));
  CHECK_FALSE(contains(told(Requirement::option), "authselectmode"));
  CHECK(contains(told(Requirement::mode), "authselectmode mix uses it only beside an authenticated source"));
  CHECK_FALSE(contains(told(Requirement::mode), "option"));
  for (const auto both : {Requirement::either, Requirement::unknown}) {
    CHECK(contains(told(both), "option require"));
    CHECK(contains(told(both), "authselectmode is mix"));
  }
}

TEST_CASE("limits are named with their directive and value") {
  auto r = report();
  r.stratum = 7;
  const auto stratum = explained(Reason::stratum_out_of_range, {.limit = 5}, r);
  CHECK(contains(stratum, "stratum 7"));
  CHECK(contains(stratum, "5;"));
  CHECK(contains(stratum, "minstratum and maxstratum"));
  CHECK(contains(explained(Reason::distance_too_large, {.limit = 3}), "maxdistance 3.000 s"));
  CHECK(contains(explained(Reason::distant, {.limit = 3}), "combinelimit 3.0"));
}

TEST_CASE("a source that is not reached any more says since when") {
  auto r = report();
  r.last_rx = 12s;
  CHECK(contains(explained(Reason::stale, {}, r), "12 s ago"));
  CHECK_FALSE(contains(explained(Reason::stale), "12 s ago"));
}

TEST_CASE("a source that nothing can be sent to any more is told with the reason") {
  auto r = report();
  r.send_failure = "connect: Network is unreachable";
  CHECK(
      contains(explained(Reason::stale, {}, r), "cannot be sent to: connect: Network is unreachable; check"));
}

TEST_CASE("a remedy that is a sentence stands as one") {
  auto r = report();
  r.auth = {.mode = AuthMode::nts, .ke_attempts = 1, .last_failure = "certificate has expired"};
  r.auth.failure_text = "certificate: certificate has expired (on 2026-11-01). Check this machine's clock";
  CHECK(contains(explain(missing(), r), "(on 2026-11-01). Check this machine's clock."));
}

TEST_CASE("a source without samples tells NAKs, loops and failed tests apart") {
  auto r = report();
  r.auth.mode = AuthMode::nts;
  r.auth.cookies = 8;
  r.auth.naks = 1;
  CHECK(contains(explain(missing(), r), "1 NAK)"));
  r.auth.naks = 2;
  CHECK(contains(explain(missing(), r), "2 NAKs)"));
  r = report();
  r.loop = Loop::ourselves;
  const auto ourselves = explain(missing(), r);
  r.loop = Loop::follows_us;
  CHECK(explain(missing(), r) != ourselves);
  r = report();
  r.ntp.any = true;
  r.ntp.tests = packet_test::all & ~packet_test::no_loop;
  CHECK(contains(explain(missing(), r), "1111111110"));
  r.ntp.tests = packet_test::all & ~packet_test::timestamps;
  r.ntp.response_time = base::Seconds{-0.25};
  CHECK(contains(explain(missing(), r), "250.0 ms"));
}

TEST_CASE("a falseticker is told with the majority, and whether its route may be the reason") {
  auto r = report();
  r.ntp.delay = base::Seconds{0.080};
  Verdict v;
  v.state = SourceState::falseticker;
  v.reason = Reason::falseticker;
  v.evidence = {.offset = base::Seconds{0.012}, .distance = base::Seconds{0.001}};
  const SelectionOutcome outcome{.consensus = Consensus{3, 4, base::Seconds{-0.001}, base::Seconds{0.001}}};
  const auto slow = explain_source(v, r, outcome);
  CHECK(contains(slow.what, "its time is 12.0 ms ahead of the one on which 3 of 4 sources agree"));
  CHECK(contains(slow.what, "slower than the other may explain it (round trip 80.0 ms)"));
  r.ntp.delay = base::Seconds{0.002};
  CHECK(contains(explain_source(v, r, outcome).what, "its route cannot explain that (round trip 2.0 ms)"));
  v.evidence.offset = base::Seconds{-0.012};
  CHECK(contains(explain_source(v, r, outcome).what, "12.0 ms behind"));
  const SelectionOutcome divided{.disagreement = Disagreement{2, 4, false}};
  CHECK(explain_source(v, r, divided).cause == "no_majority");
}

TEST_CASE("where the trusted sources have decided, no majority is claimed") {
  Verdict v;
  v.reason = Reason::falseticker;
  v.evidence = {.offset = base::Seconds{0.002}, .distance = base::Seconds{0.003}};
  const SelectionOutcome outcome{.consensus = Consensus{1, 3, base::Seconds{2.999}, base::Seconds{3.001}}};
  const auto other = explain_source(v, report(), outcome);
  CHECK(other.what ==
        "disagrees with the trusted sources, offset +2.0 ms +/- 3.0 ms: its time is 2.998 s behind theirs");
  CHECK(contains(other.remedy, "or whichever is trusted"));
  v.reason = Reason::best;
  v.effective.trust = true;
  CHECK(
      contains(explain_source(v, report(), outcome).what,
               "is selected: it is trusted, which counts although 2 of 3 sources are not within the range"));
  v.effective.trust = false;
  CHECK(contains(explain_source(v, report(), outcome).what,
                 "it agrees with those that are trusted, which counts"));
}

TEST_CASE("what excludes a source is its option or authselectmode, and not one of both") {
  auto r = report();
  CHECK(contains(explained(Reason::no_select, {}, r),
                 "authselectmode lets only authenticated sources be used"));
  r.select_options.no_select = true;
  CHECK(explained(Reason::no_select, {}, r) ==
        "ntp.example (192.0.2.1) is measured but not used, by its option noselect.");
}

TEST_CASE("a source beyond maxdistance is told what most of its distance comes from") {
  const Evidence e{.distance = base::Seconds{5}, .limit = 3};
  auto r = report();
  r.ntp.root_dispersion = base::Seconds{4.5};
  CHECK(contains(explained(Reason::distance_too_large, e, r),
                 "by its own account it may be 4.500 s off itself"));
  r.ntp.root_dispersion = base::Seconds{0.01};
  r.ntp.delay = base::Seconds{8};
  CHECK(contains(explained(Reason::distance_too_large, e, r),
                 "its round trip takes 8.000 s; use a server that is nearer"));
  r.ntp.delay = base::Seconds{0.02};
  CHECK(contains(explained(Reason::distance_too_large, e, r), "its measurements are old or scatter"));
}

TEST_CASE("how many sources are good is told where minsources wants more") {
  Verdict v;
  v.reason = Reason::waits_for_more;
  v.evidence.limit = 3;
  const auto told = [&](std::size_t good) {
    return explain(v, report(), {.consensus = Consensus{good, good, {}, {}}, .lack = Lack::enough});
  };
  CHECK(contains(told(2), "is good, but only 2 sources are, and minsources demands 3; add sources,"));
  CHECK(contains(told(1), "is good, but the only one that is, and minsources demands 3"));
}

TEST_CASE("clauses become sentences") {
  CHECK(sentence("check the DNS") == "Check the DNS.");
  CHECK(sentence("Done.") == "Done.");
  CHECK(sentence("").empty());
}

}  // namespace gnomon::testing
