// SPDX-License-Identifier: GPL-2.0-or-later
// A failed NTS-KE says at which stage, why, and what to do.
#include "daemon/core/engine/text/ke_messages.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using protocol::KeFailureReason;

TEST_CASE("every way in which NTS-KE fails has a stage, a reason and a remedy") {
  config::Source source;
  source.name = "time.example";
  source.nts_port = 4461;
  source.cert_set = 7;
  for (int i = 0; i <= static_cast<int>(KeFailureReason::internal); ++i) {
    const protocol::KeFailure failure{static_cast<KeFailureReason>(i), "what was seen"};
    const auto text = engine::describe(failure, source);
    CAPTURE(text);
    CHECK(text.starts_with(engine::stage_of(failure.reason)));
    CHECK(text.find(protocol::to_text(failure.reason)) != std::string::npos);
    CHECK(text.find("(what was seen). ") != std::string::npos);
    CHECK_FALSE(text.ends_with(". "));
  }
}

TEST_CASE("the remedy names the port, the set or the directive") {
  config::Source source;
  source.nts_port = 4461;
  source.cert_set = 7;
  const auto text = [&](KeFailureReason reason) { return engine::describe({reason, {}}, source); };
  CHECK(text(KeFailureReason::connect_refused) ==
        "connection: connection refused. Check that the server offers NTS on TCP port 4461; option ntsport "
        "sets "
        "another");
  CHECK(text(KeFailureReason::timeout).find("TCP port 4461") != std::string::npos);
  CHECK(text(KeFailureReason::certificate_untrusted)
            .contains("add its certificate with `ntstrustedcerts 7 FILE`"));
  for (const auto reason : {KeFailureReason::certificate_untrusted, KeFailureReason::certificate_wrong_name})
    CHECK(text(reason).ends_with("something stands in between: a captive portal to log in to, or a proxy"));
  config::Source usual;
  CHECK(engine::describe({KeFailureReason::certificate_untrusted, {}}, usual)
            .contains("`ntstrustedcerts FILE`"));
  CHECK(text(KeFailureReason::certificate_expired).find("this machine's clock") != std::string::npos);
  CHECK(text(KeFailureReason::no_common_aead).find("ntsaeads") != std::string::npos);
}
