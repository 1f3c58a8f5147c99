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
  return explain_missing_samples(r, 3).cause;
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
  const auto made = explain_missing_samples(r, 3);
  CHECK(made.cause == "not_sent");
  CHECK(made.what == "cannot be sent to: connect: Network is unreachable");
  CHECK(made.remedy.find("UDP port") == std::string::npos);
  r.auth = {.mode = AuthMode::symmetric, .key_id = 5, .key_type = 2};
  CHECK(cause(r) == "not_sent");
}

TEST_CASE("one request is not any of several") {
  auto r = report();
  r.ntp.total_tx = 1;
  CHECK(explain_missing_samples(r, 3).what == "has not answered the one request that was sent to it");
}

TEST_CASE("a name whose addresses are other sources' does resolve") {
  auto r = report();
  r.address = {};
  r.name_is_taken = true;
  const auto made = explain_missing_samples(r, 3);
  CHECK(made.cause == "address_taken");
  CHECK(made.what.find("is a source already") != std::string::npos);
  CHECK(made.remedy.find("DNS") == std::string::npos);
}

TEST_CASE("the option offline is named only where it is set") {
  auto r = report();
  r.activity = Activity::offline;
  CHECK(explain_missing_samples(r, 3).remedy.find("auto_offline") != std::string::npos);
  r.offline_at_start = true;
  CHECK(explain_missing_samples(r, 3).remedy.find("makes it begin like that") != std::string::npos);
}

TEST_CASE("a failed key exchange is told with what the journal says of it") {
  auto r = report();
  r.auth = {.mode = AuthMode::nts, .ke_attempts = 1, .last_failure = "certificate has expired"};
  r.auth.failure_text = "certificate: certificate has expired (on 2026-11-01). Check this machine's clock";
  const auto made = explain_missing_samples(r, 3);
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
  r.ntp.tests = packet_test::all & ~packet_test::no_loop;
  CHECK(cause(r) == "tests_failed");
}

}  // namespace gnomon::testing
