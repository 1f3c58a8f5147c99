// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/report.hpp"

#include <boost/json/serialize.hpp>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace ctl;

namespace {

std::string line_of(const config::Place& place) {
  return place.line == 2 ? "\tserver a   ibrust # x" : "port 123";
}

std::vector<Finding> two() {
  std::vector<Finding> findings{
      {Severity::warning, {"g.conf", 2, 2}, "ibrust", "unknown option 'ibrust'", "did you mean 'iburst'?"},
      {Severity::error, {"", 0, 0}, "", "there is no time source", ""}};
  arrange(findings, "g.conf", line_of);
  return findings;
}

}  // namespace

TEST_CASE("a finding is shown with its line, a mark below the word and what to do") {
  CHECK(as_text(two(), "g.conf", line_of) ==
        "g.conf: error: there is no time source\n"
        "g.conf:2:13: warning: unknown option 'ibrust'\n"
        "    \tserver a   ibrust # x\n"
        "    \t           ^~~~~~\n"
        "  did you mean 'iburst'?\n"
        "g.conf: 1 error, 1 warning\n");
}

TEST_CASE("the same as JSON") {
  CHECK(boost::json::serialize(as_json(two(), "g.conf", line_of)) ==
        R"({"file":"g.conf","errors":1,"warnings":1,"findings":[)"
        R"({"severity":"error","file":"g.conf","message":"there is no time source"},)"
        R"({"severity":"warning","file":"g.conf","line":2,"column":13,"text":"\tserver a   ibrust # x",)"
        R"("word":"ibrust","message":"unknown option 'ibrust'","advice":"did you mean 'iburst'?"}]})");
}

TEST_CASE("the worst finding decides the exit status, notes do not count") {
  CHECK(exit_status({}) == 0);
  CHECK(exit_status({{.severity = Severity::note, .message = "x"}}) == 0);
  CHECK(exit_status({{.severity = Severity::note}, {.severity = Severity::warning}}) == 1);
  CHECK(exit_status(two()) == 2);
  CHECK(as_text({}, "g.conf", line_of) == "g.conf: no mistakes found\n");
}

TEST_CASE("findings are in the order of the lines, those of the file itself first, and each once") {
  std::vector<Finding> findings{{Severity::note, {"b.conf", 1, 1}, "", "d", ""},
                                {Severity::note, {"g.conf", 3, 1}, "", "c", ""},
                                {Severity::note, {"g.conf", 1, 1}, "", "b", ""},
                                {Severity::note, {"g.conf", 1, 1}, "", "b", ""},
                                {Severity::note, {}, "", "a", ""}};
  arrange(findings, "g.conf", line_of);
  std::string messages;
  for (const auto& each : findings) messages += each.message;
  CHECK(messages == "abcd");
}

TEST_CASE("a place beyond its line, as of a file that changed meanwhile, is shown without a mark") {
  std::vector<Finding> findings{{Severity::error, {"g.conf", 1, 40}, "x", "m", ""}};
  arrange(findings, "g.conf", line_of);
  CHECK(as_text(findings, "g.conf", line_of) == "g.conf:1:40: error: m\ng.conf: 1 error\n");
}

}  // namespace gnomon::testing
