// SPDX-License-Identifier: GPL-2.0-or-later
// Commands about sources: from the control interface's JSON to what the table of sources does.
#include <algorithm>

#include <boost/json/parse.hpp>

#include "base/os/socket.hpp"
#include "daemon/core/control/methods.hpp"
#include "daemon/core/sources/sources.hpp"
#include "tests/unit/core/control/reporter.hpp"
#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using namespace core::control;
using testing::Loop;

namespace {

std::string told(const std::string& method, const std::string& parameters, testing::SetReporter& reporter,
                 Right right = Right::operate) {
  auto text = answer(R"({"method":"io.gnomon.Control.)" + method + R"(","parameters":)" + parameters + "}",
                     right, reporter)
                  .text;
  REQUIRE(text.ends_with('\0'));
  text.pop_back();
  return text;
}

struct Fixture {
  Loop loop;
  testing::RememberingLog log;
  std::vector<engine::Note> notes;
  core::ResolveClient resolver{loop.tasks, {}};
  core::KeClient ke{loop.tasks, {}};
  core::ClockDriver clock_driver{
      loop.tasks, {}, nullptr, {.on_events = [](const core::ClockEvents&) {}, .on_settled = [] {}}};
  core::Sources sources{loop.tasks,
                        resolver,
                        ke,
                        clock_driver,
                        log,
                        {},
                        {.on_note = [this](const engine::Note& n) { notes.push_back(n); },
                         .on_events = [](const core::ClockEvents&) {},
                         .on_all_finished = [] {}}};

  Fixture() {
    static_cast<void>(clock_driver.start());
    for (const auto* line : {"server 127.0.0.1 port 9 offline", "server 127.0.0.2 port 9 offline"})
      REQUIRE(sources.carry_out(AddSourceLine{line}));
    loop.run_ready();
  }
  ~Fixture() { loop.drain(); }
  [[nodiscard]] engine::AssociationReport report(const char* address) const {
    const auto reports = sources.reports(loop.now());
    const auto found =
        std::ranges::find(reports, *base::parse_address(address), &engine::AssociationReport::address);
    return found == reports.end() ? engine::AssociationReport{} : *found;
  }
  [[nodiscard]] engine::Activity activity(const char* address) const { return report(address).activity; }
};

base::Subnet subnet(const char* address, std::uint8_t bits) {
  return {*base::parse_address(address), bits};
}

}  // namespace

TEST_CASE("a command comes out of its JSON as it was meant") {
  testing::SetReporter reporter;
  CHECK(told("Online", "{}", reporter) == R"({"parameters":{}})");
  told("Offline", R"({"within":"192.0.2.0/24"})", reporter);
  told("Burst", R"({"good":2,"total":5})", reporter);
  told("Online", R"({"source":"ntp.example"})", reporter);
  told("ModifySource", R"({"source":"a","option":"minpoll","value":3})", reporter);
  told("SelectOptions", R"({"source":"a","options":["+trust"]})", reporter);
  CHECK(reporter.source_commands ==
        std::vector<SourceCommand>{SetOnline{true, {}}, SetOnline{false, subnet("192.0.2.0", 24)},
                                   Burst{2, 5, {}}, SetOnline{true, {}, {}, "ntp.example"},
                                   ModifySource{"a", "minpoll", 3}, SetSelectOptions{"a", {"+trust"}}});
}

TEST_CASE("what is missing, unknown or out of range is named, and nothing is done") {
  testing::SetReporter reporter;
  const auto wrong = [&](const char* method, const char* parameters) {
    const auto reply = boost::json::parse(told(method, parameters, reporter)).as_object();
    CHECK(reply.at("error").as_string() == "org.varlink.service.InvalidParameter");
    return std::string{reply.at("parameters").as_object().at("parameter").as_string()};
  };
  CHECK(wrong("Burst", "{}") == "total");
  CHECK(wrong("Burst", R"({"good":6,"total":5})") == "good");
  CHECK(wrong("Burst", R"({"good":1,"total":1e9})") == "total");
  CHECK(wrong("Online", R"({"within":"192.0.2.0/33"})") == "within");
  CHECK(wrong("Online", R"({"within":7})") == "within");
  CHECK(wrong("Refresh", R"({"x":7})") == "x");
  CHECK(wrong("AddSource", R"({"line":""})") == "line");
  CHECK(wrong("SelectOptions", R"({"source":"a","options":"+trust"})") == "options");
  CHECK(wrong("ModifySource", R"({"source":"a","option":"b","value":"c"})") == "value");
  CHECK(reporter.source_commands.empty());
}

TEST_CASE("commands are for operators, and a failure is passed on") {
  testing::SetReporter reporter;
  CHECK(told("Dump", "{}", reporter, Right::observe).find("NotPermitted") != std::string::npos);
  CHECK(reporter.source_commands.empty());
  reporter.source_command_result = std::unexpected("no luck");
  CHECK(told("Dump", "{}", reporter).find("no luck") != std::string::npos);
}

TEST_CASE("sources are put on line and off line, all of them or some") {
  Fixture f;
  CHECK(f.activity("127.0.0.1") == engine::Activity::offline);
  CHECK(f.sources.carry_out(SetOnline{true, subnet("127.0.0.1", 32)}));
  f.loop.run_until([&] { return f.activity("127.0.0.1") == engine::Activity::online; });
  CHECK(f.activity("127.0.0.2") == engine::Activity::offline);
  CHECK(f.sources.carry_out(SetOnline{false, {}}));
  f.loop.run_until([&] { return f.activity("127.0.0.1") == engine::Activity::offline; });
  CHECK_FALSE(f.sources.carry_out(SetOnline{true, subnet("192.0.2.0", 24)}));
}

TEST_CASE("a source is meant by its number alone") {
  Fixture f;
  const auto second = f.report("127.0.0.2").id;
  CHECK(f.sources.carry_out(SetOnline{true, {}, second}));
  f.loop.run_until([&] { return f.activity("127.0.0.2") == engine::Activity::online; });
  CHECK(f.activity("127.0.0.1") == engine::Activity::offline);
  const auto nobody = f.sources.carry_out(SetOnline{true, {}, base::SourceId{999}});
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().kind == engine::RefusalKind::no_such_source);
}

TEST_CASE("a source is meant by its name") {
  Fixture f;
  CHECK(f.sources.carry_out(SetOnline{.online = true, .within = {}, .source = "127.0.0.2"}));
  f.loop.run_until([&] { return f.activity("127.0.0.2") == engine::Activity::online; });
  CHECK(f.activity("127.0.0.1") == engine::Activity::offline);
  CHECK(f.sources.carry_out(Burst{.good = 1, .total = 2, .within = {}, .source = "127.0.0.1"}));
  f.loop.run_until([&] { return f.activity("127.0.0.1") == engine::Activity::burst_offline; });
  const auto nobody = f.sources.carry_out(SetOnline{.online = true, .within = {}, .source = "ntp.example"});
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().sentence.contains("ntp.example"));
}

TEST_CASE("a refusal says what kind it is") {
  Fixture f;
  CHECK(f.sources.carry_out(DeleteSource{"192.0.2.1"}).error().kind == engine::RefusalKind::no_such_source);
  CHECK(f.sources.carry_out(AddSourceLine{"server 127.0.0.1 port 9"}).error().kind ==
        engine::RefusalKind::source_already_present);
  CHECK(f.sources.carry_out(AddSourceLine{"nonsense"}).error().kind == engine::RefusalKind::failed);
}

TEST_CASE("onoffline asks the network: to loopback there is a way") {
  Fixture f;
  CHECK(f.sources.carry_out(FollowNetwork{}));
  f.loop.run_until([&] { return f.activity("127.0.0.2") == engine::Activity::online; });
}

TEST_CASE("a source that is off line makes its burst and stays off line") {
  Fixture f;
  CHECK(f.sources.carry_out(Burst{1, 2, subnet("127.0.0.2", 32)}));
  f.loop.run_until([&] { return f.activity("127.0.0.2") == engine::Activity::burst_offline; });
  CHECK(f.activity("127.0.0.1") == engine::Activity::offline);
}

TEST_CASE("options change at once, within their ranges") {
  Fixture f;
  CHECK(f.sources.carry_out(ModifySource{"127.0.0.1", "minpoll", 8}));
  CHECK(f.report("127.0.0.1").poll == base::PollExponent{8});
  CHECK(f.sources.carry_out(ModifySource{"127.0.0.1", "maxpoll", 5}));
  CHECK(f.report("127.0.0.1").poll == base::PollExponent{5});
  CHECK(f.sources.carry_out(ModifySource{"127.0.0.1", "maxdelay", 0.5}));
  CHECK(f.sources.carry_out(ModifySource{"127.0.0.1", "offset", -0.25}));
  CHECK(f.sources.carry_out(ModifySource{"127.0.0.1", "maxpoll", 25}).error().sentence ==
        "maxpoll must be a whole number, -7 to 24");
  CHECK_FALSE(f.sources.carry_out(ModifySource{"127.0.0.1", "minpoll", 2.5}));
  CHECK_FALSE(f.sources.carry_out(ModifySource{"127.0.0.1", "nts", 1}));
  CHECK_FALSE(f.sources.carry_out(ModifySource{"127.0.0.3", "minpoll", 5}));
}

TEST_CASE("selection options change, and their change is what selectdata shows") {
  Fixture f;
  CHECK(f.sources.carry_out(SetSelectOptions{"127.0.0.1", {"+prefer", "+trust", "-trust"}}));
  CHECK(f.report("127.0.0.1").select_options.prefer);
  CHECK_FALSE(f.report("127.0.0.1").select_options.trust);
  CHECK(f.sources.carry_out(SetSelectOptions{"127.0.0.1", {"+noselect"}}));
  const auto verdicts = f.clock_driver.keeper().verdicts();
  CHECK(verdicts[0].effective.no_select);
  CHECK(verdicts[0].reason == engine::Reason::missing_samples);  // it has not been measured yet
  CHECK_FALSE(f.sources.carry_out(SetSelectOptions{"127.0.0.1", {"prefer"}}));
}

TEST_CASE("sources come and go, by address, by name and by number") {
  Fixture f;
  CHECK(f.sources.carry_out(AddSourceLine{"server 127.0.0.1 port 9"}).error().sentence ==
        "Source already present: 127.0.0.1");
  CHECK(f.sources.carry_out(AddSourceLine{"server 127.0.0.3 ibrust"})
            .error()
            .sentence.find("did you mean 'iburst'?") != std::string::npos);
  CHECK_FALSE(f.sources.carry_out(AddSourceLine{"makestep 1 3"}));
  CHECK(f.sources.carry_out(AddSourceLine{"server ntp.example offline"}));
  CHECK(f.sources.carry_out(DeleteSource{"127.0.0.1"}));
  f.loop.run_until([&] { return f.sources.reports(f.loop.now()).size() == 2; });
  CHECK(f.sources.carry_out(DeleteSource{"ID#0000000002"}));
  CHECK(f.sources.carry_out(DeleteSource{"ntp.example"}));
  f.loop.run_until([&] { return f.sources.reports(f.loop.now()).empty(); });
  CHECK_FALSE(f.sources.carry_out(DeleteSource{"127.0.0.1"}));
  CHECK(f.log.says("Removed source 127.0.0.1"));
  CHECK(f.log.says("Removed source ID#0000000003 (ntp.example)"));
}

TEST_CASE("a source changed by command is still known by its line of the sourcedir") {
  Fixture f;
  config::Source source;
  source.name = "127.0.0.4";
  source.offline = true;
  static_cast<void>(f.sources.replace_dynamic({source}));
  CHECK(f.sources.carry_out(ModifySource{"127.0.0.4", "minpoll", 8}));
  static_cast<void>(f.sources.replace_dynamic({}));
  f.loop.run_until([&] { return f.sources.reports(f.loop.now()).size() == 2; });
}
