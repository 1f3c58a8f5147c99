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
