// SPDX-License-Identifier: GPL-2.0-or-later
// Causes as words, for programs; the sentences are in test_explanation.cpp.
#include "daemon/core/engine/text/missing_samples.hpp"
#include "daemon/core/engine/values/packet_tests.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

AssociationReport report() {
  AssociationReport r;
  r.name = "ntp.example";
  r.address = *base::parse_address("192.0.2.1");
  return r;
}

std::string_view cause(const AssociationReport& r) {
  return explain_missing_samples(r, 3, false).cause;
}

}  // namespace

TEST_CASE("each cause has its word, the first that applies") {
  auto r = report();
  CHECK(cause(r) == "gathering");
  r.ntp.total_tx = 3;
  CHECK(cause(r) == "no_answer");
  r.auth = {.mode = AuthMode::symmetric, .key_id = 5};
  CHECK(cause(r) == "key_missing");
  r.auth = {.mode = AuthMode::nts};
  CHECK(cause(r) == "ke_pending");
  r.auth.naks = 1;
  CHECK(cause(r) == "nts_nak");
  r.auth.last_failure = "timeout";
  CHECK(cause(r) == "ke_failed");
  r.address = {};
  CHECK(cause(r) == "unresolved");
  r.activity = Activity::offline;
  CHECK(cause(r) == "offline");
}

TEST_CASE("requests that the system does not send are told so, and blame no firewall on the way") {
  auto r = report();
  r.ntp.total_tx = 3;
  r.send_failure = "connect: Network is unreachable";
  const auto made = explain_missing_samples(r, 3, false);
  CHECK(made.cause == "not_sent");
  CHECK(made.what == "cannot be sent to: connect: Network is unreachable");
  CHECK(made.remedy.find("UDP port") == std::string::npos);
  r.auth = {.mode = AuthMode::symmetric, .key_id = 5, .key_type = 2};
  CHECK(cause(r) == "not_sent");
}

TEST_CASE("one request is not any of several") {
  auto r = report();
  r.ntp.total_tx = 1;
  CHECK(explain_missing_samples(r, 3, false).what == "has not answered the one request that was sent to it");
}

TEST_CASE("a name whose addresses are other sources' does resolve") {
  auto r = report();
  r.address = {};
  r.name_is_taken = true;
  r.activity = Activity::unresolved;
  const auto made = explain_missing_samples(r, 3, true);
  CHECK(made.cause == "address_taken");
  CHECK(made.what.find("is a source already") != std::string::npos);
  CHECK(made.remedy.find("if this persists, remove one") != std::string::npos);
  // While no source is good, the network may be what has all names lead to one address.
  const auto captive = explain_missing_samples(r, 3, false);
  CHECK(captive.cause == "address_taken");
  CHECK(captive.what.find("captive portal") != std::string::npos);
  CHECK(captive.remedy.find("emove") == std::string::npos);
}

TEST_CASE("the option offline is named only where it is set") {
  auto r = report();
  r.activity = Activity::offline;
  CHECK(explain_missing_samples(r, 3, false).remedy.find("auto_offline") != std::string::npos);
  r.offline_at_start = true;
  CHECK(explain_missing_samples(r, 3, false).remedy.find("makes it begin like that") != std::string::npos);
}

TEST_CASE("a failed key exchange is told with what the journal says of it") {
  auto r = report();
  r.auth = {.mode = AuthMode::nts, .ke_attempts = 1, .last_failure = "certificate has expired"};
  r.auth.failure_text = "certificate: certificate has expired (on 2026-11-01). Check this machine's clock";
  const auto made = explain_missing_samples(r, 3, false);
  CHECK(made.what ==
        "has no NTS keys: the key exchange failed 1 time: certificate has expired (on 2026-11-01)");
  CHECK(made.remedy == "Check this machine's clock");
}

TEST_CASE("answers that fail a test are told by the test") {
  auto r = report();
  r.ntp.any = true;
  r.ntp.total_rx = 1;
  r.stratum = 16;
  r.ntp.tests = packet_test::all & ~packet_test::synchronised;
  CHECK(cause(r) == "unsynchronised");
  r.ntp.tests = packet_test::all & ~packet_test::root_distance;
  CHECK(cause(r) == "root_distance");
  r.ntp.tests = packet_test::all & ~packet_test::delay_ratio;
  CHECK(cause(r) == "delay_limit");
  r.ntp.tests = packet_test::all & ~packet_test::delay_limit;
  CHECK(cause(r) == "delay_limit");
  r.ntp.mode = 4;
  r.ntp.response_time = base::Seconds{5};
  r.ntp.delay = base::Seconds{1e-6};
  CHECK(cause(r) == "response_time");
  CHECK(explain_missing_samples(r, 3, false).what ==
        "answers, but says that it took 5.000 s to do so, longer than the 4.000 s after which its clock may "
        "have been set meanwhile");
  r.ntp.tests = packet_test::all & ~packet_test::delay_ratio;
  CHECK(explain_missing_samples(r, 3, false).what ==
        "answers, but its round trip of 1 us is longer than maxdelayratio allows");
  r.ntp.tests = packet_test::all & ~packet_test::no_loop;
  CHECK(cause(r) == "tests_failed");
}

TEST_CASE("the limit of the delay that is exceeded is named alone") {
  auto r = report();
  r.ntp.any = true;
  r.ntp.total_rx = 1;
  for (const auto& [test, option] : {std::pair{packet_test::delay_limit, "maxdelay "},
                                     std::pair{packet_test::delay_ratio, "maxdelayratio "},
                                     std::pair{packet_test::delay_deviation, "maxdelaydevratio "}}) {
    r.ntp.tests = static_cast<std::uint16_t>(packet_test::all & ~test);
    CHECK(explain_missing_samples(r, 3, false).what.contains(std::string{"is longer than "} + option));
  }
}

TEST_CASE("a kiss code is told for what it means") {
  auto r = report();
  r.ntp.any = true;
  const auto told = [&](base::ReferenceId code) {
    r.ntp.reference_id = code;
    return explain_missing_samples(r, 3, false);
  };
  CHECK(told(base::reference_id("INIT")).cause == "unsynchronised");
  CHECK(
      told(base::reference_id("INIT")).what.contains("is not synchronised since its start (kiss code INIT)"));
  CHECK(told(base::reference_id("STEP")).cause == "unsynchronised");
  CHECK(told(base::reference_id("DENY")).cause == "kiss_denied");
  CHECK(told(base::reference_id("RSTR")).cause == "kiss_denied");
  CHECK(told(base::reference_id("RATE")).remedy.contains("raise its minpoll"));
  CHECK(told(base::reference_id("NKEY")).cause == "kiss_other");
  CHECK(told(base::reference_id("NKEY")).what == "answers with the kiss code NKEY in place of a time");
}

TEST_CASE("who has no address is told where to look") {
  auto r = report();
  r.address = {};
  CHECK(explain_missing_samples(r, 3, false).remedy.contains("`getent ahosts ntp.example`"));
}

TEST_CASE("who does not answer can be probed, at the port that is configured") {
  auto r = report();
  r.ntp.total_tx = 3;
  CHECK(explain_missing_samples(r, 3, false).remedy.contains("`gnomonctl probe ntp.example`"));
  r.port = 1123;
  CHECK(explain_missing_samples(r, 3, false).remedy.contains("`gnomonctl probe --port 1123 ntp.example`"));
}

TEST_CASE("a source that is offline says so before its name is resolved") {
  auto r = report();
  r.address = {};
  r.activity = Activity::unresolved;
  CHECK(cause(r) == "unresolved");
  r.is_offline = true;
  CHECK(cause(r) == "offline");
}

TEST_CASE("packets that are no answers are not told as measurements to come") {
  auto r = report();
  r.ntp.total_tx = 8;
  r.ntp.total_rx = 8;
  CHECK(cause(r) == "no_valid_answer");
  CHECK(explain_missing_samples(r, 3, false).what ==
        "has not answered any of 8 requests: 8 packets came from it, and none was an answer to what had been "
        "asked");
  r.kiss = base::ReferenceId{0x44454E59};  // DENY
  CHECK(cause(r) == "kiss_denied");
  r.kiss.reset();
  r.reach = 1;
  r.ntp.total_good_rx = 1;
  CHECK(cause(r) == "gathering");
}

TEST_CASE("with the option filter, answers are not counted as measurements") {
  auto r = report();
  r.filter = 8;
  r.reach = 0xff;
  r.ntp.any = true;
  r.ntp.tests = packet_test::all;
  r.ntp.total_rx = r.ntp.total_good_rx = 11;
  CHECK(explain_missing_samples(r, 3, false).what ==
        "has given 11 good answers so far; its option filter makes one measurement of 8, and 3 measurements "
        "are needed");
}

}  // namespace gnomon::testing
