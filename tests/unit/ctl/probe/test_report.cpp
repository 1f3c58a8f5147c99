// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/probe/report.hpp"

#include <boost/json/serialize.hpp>

#include "ctl/probe_command.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/ctl/probe/played_server.hpp"

namespace gnomon::testing {

using namespace ctl::probe;

namespace {

const Options options{.host = "time.example.net"};

Survey good() {
  PlayedServer server;
  server.key_exchange = good_key_exchange();
  PlayedWorld world{server};
  return survey(options, world.context());
}

}  // namespace

TEST_CASE("a finding is a line under its address, with what to do below it") {
  const Finding finding{Grade::warning, "sizes", "192.0.2.1", "too\x1b[31m long", "Do this."};
  CHECK(finding_text(finding, "", {}) ==
        "192.0.2.1\n"
        "  WARNING  sizes         too?[31m long\n"
        "                         To do: Do this.\n");
  CHECK(finding_text(finding, "192.0.2.1", {.width = 34, .colours = true}) ==
        "  \033[33mWARNING\033[0m  sizes         too?[31m\n"
        "                         long\n"
        "                         To do: Do\n"
        "                                this.\n");
}

TEST_CASE("the first line of a plugin has the verdict, and numbers behind a bar") {
  const auto result = good();
  CHECK(
      plugin_line(result, verdict_of(result, options), options) ==
      "NTP OK: time.example.net is a good time server with NTS: +1 ms +/- 5 ms from this machine's clock. | "
      "offset=0.001000000s;0.1;1 delay=0.010000000s jitter=0.000000000s stratum=2 certificate=335d\n");
  Survey bad;
  bad.findings.push_back({Grade::critical, "addresses", "", "a | b", ""});
  CHECK(plugin_line(bad, verdict_of(bad, options), options) ==
        "NTP CRITICAL: time.example.net should not be used as it is: addresses: a / b.\n");
}

TEST_CASE("the verdict has the measurement that the findings have") {
  auto result = good();
  REQUIRE_FALSE(result.facts.addresses.empty());
  auto& at = result.facts.addresses.front();
  at.nts = at.plain;
  at.nts->samples = {{base::Seconds{0.5}, base::Seconds{0.001}}};  // with less delay
  CHECK(plugin_line(result, verdict_of(result, options), options).find("+1 ms +/- 5 ms") !=
        std::string::npos);
}

TEST_CASE("grades become the exit status of a plugin; what is missing weighs more than a warning") {
  CHECK(exit_status(Grade::ok) == 0);
  CHECK(exit_status(Grade::note) == 0);
  CHECK(exit_status(Grade::warning) == 1);
  CHECK(exit_status(Grade::critical) == 2);
  CHECK(exit_status(Grade::unknown) == 3);
  Survey survey;
  survey.findings = {{Grade::warning, "a", "", "", ""}, {Grade::unknown, "b", "", "", ""}};
  CHECK(verdict_of(survey, options).grade == Grade::unknown);
  survey.findings.push_back({Grade::critical, "c", "", "", ""});
  CHECK(verdict_of(survey, options).grade == Grade::critical);
}

TEST_CASE("authorities that cannot be read are no fault of the server") {
  CHECK(ctl::unreadable("").empty());
  CHECK(ctl::unreadable("/").empty());
  CHECK(ctl::unreadable("/nowhere") == "No such file or directory");
}

TEST_CASE("the report as JSON has the facts beside the findings") {
  const auto result = good();
  const auto json = as_json(result, verdict_of(result, options), options);
  CHECK(json.at("status") == "ok");
  const auto& at = json.at("addresses").at(0);
  CHECK(at.at("key_exchange").at("cookies") == 8);
  CHECK(at.at("key_exchange").at("aeads").at(1).at("supported") == true);
  CHECK(at.at("ntp").at("header").at("stratum") == 2);
  CHECK(at.at("nts").at("sizes").as_array().size() == 8);
  CHECK(at.at("interleaved") == true);
  CHECK(at.at("source_port").is_null());
}

}  // namespace gnomon::testing
