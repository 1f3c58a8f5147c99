// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <regex>
#include <set>

#include "daemon/core/control/methods.hpp"
#include "daemon/core/control/schema.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/core/control/reporter.hpp"

using namespace gnomon;
using namespace core::control;
namespace json = boost::json;

namespace {

json::object reply_of(const Answer& answer) {
  REQUIRE(answer.text.ends_with('\0'));
  return json::parse(answer.text.substr(0, answer.text.size() - 1)).as_object();
}

json::object ask(const std::string& message, Right right = Right::observe) {
  testing::SetReporter reporter;
  return reply_of(answer(message, right, reporter));
}

std::string error_of(const std::string& message, Right right = Right::observe) {
  const auto reply = ask(message, right);
  REQUIRE(reply.contains("error"));
  return std::string{reply.at("error").as_string()};
}

// The words that the schema declares: "method Tracking(" gives "Tracking".
std::set<std::string> declared(std::string_view schema, const std::string& pattern) {
  std::set<std::string> names;
  const std::string text{schema};
  const std::regex expression{pattern};
  for (std::sregex_iterator at{text.begin(), text.end(), expression}, end; at != end; ++at)
    names.insert((*at)[1].str());
  return names;
}

SourceReport one_source() {
  SourceReport source;
  source.association = {.id = {4},
                        .kind = config::SourceKind::server,
                        .name = "ntp.example",
                        .address = *base::parse_address("192.0.2.4"),
                        .port = 123,
                        .stratum = 2,
                        .reach = 255,
                        .last_rx = std::chrono::milliseconds{1500}};
  source.association.auth.mode = engine::AuthMode::nts;
  source.association.ntp.tests = 0x3f7;
  source.verdict = {.source = {4}, .state = engine::SourceState::selected, .reason = engine::Reason::best};
  source.reason = "best";
  source.explanation = "It is good.";
  return source;
}

}  // namespace

TEST_CASE("every method that the schema declares is answered with the fields it declares") {
  for (const auto& name : declared(control_description, R"(\nmethod (\w+)\(\))")) {
    INFO(name);
    if (name.contains("Rtc")) continue;  // refused below
    if (name == "Record") continue;      // refused without `more`
    if (name == "Rekey") continue;       // answered when the files have been read
    const auto reply = ask(R"({"method":"io.gnomon.Control.)" + name + R"("})", Right::operate);
    CHECK_FALSE(reply.contains("error"));
    CHECK(reply.contains("parameters"));
  }
}

TEST_CASE("a method that needs parameters names the first one that is missing or wrong") {
  const auto wrong = [](const std::string& method, const std::string& parameters) {
    const auto reply =
        ask(R"({"method":"io.gnomon.Control.)" + method + R"(","parameters":)" + parameters + "}",
            Right::operate);
    CHECK(reply.at("error").as_string() == "org.varlink.service.InvalidParameter");
    return std::string{reply.at("parameters").as_object().at("parameter").as_string()};
  };
  CHECK(wrong("AllowSteps", "{}") == "threshold");
  CHECK(wrong("AllowSteps", R"({"threshold":-1,"limit":1})") == "threshold");
  CHECK(wrong("AllowSteps", R"({"threshold":1,"limit":1.5})") == "limit");
  CHECK(wrong("SetMaxUpdateSkew", R"({"skew":"a"})") == "skew");
  CHECK(wrong("SetLocal", R"({"on":1})") == "on");
  CHECK(wrong("SetLocal", R"({"on":true,"stratum":16})") == "stratum");
  CHECK(wrong("SetTime", R"({"time":1e10})") == "time");
  CHECK(wrong("DeleteManual", R"({"index":-1})") == "index");
  CHECK(wrong("MakeStep", R"({"index":0})") == "index");
}

TEST_CASE("commands arrive as the engine's values, with the directive's defaults") {
  testing::SetReporter reporter;
  const auto give = [&](const std::string& text) {
    const auto reply = reply_of(answer(text, Right::operate, reporter));
    CHECK_FALSE(reply.contains("error"));
  };
  give(R"({"method":"io.gnomon.Control.AllowSteps","parameters":{"threshold":0.5,"limit":-1}})");
  give(R"({"method":"io.gnomon.Control.SetLocal","parameters":{"on":true,"orphan":true,"stratum":8}})");
  give(R"({"method":"io.gnomon.Control.SetTime","parameters":{"time":1800000000.5}})");
  REQUIRE(reporter.operator_commands.size() == 2);
  const auto steps = std::get<engine::AllowSteps>(reporter.operator_commands[0]);
  CHECK(steps.make_step == config::MakeStep{base::Seconds{0.5}, -1});
  const auto local = std::get<engine::ServeLocal>(reporter.operator_commands[1]).local;
  REQUIRE(local);
  CHECK(*local == config::Local{.stratum = {8}, .orphan = true, .wait_unsynced = base::Seconds{300}});
  CHECK(reporter.times == std::vector{base::RealTime{std::chrono::milliseconds{1800000000500}}});
}

// Systemd's parser refuses the whole description otherwise.
TEST_CASE("the schema declares no name twice, and no comment stands behind a last field") {
  for (const auto schema : {control_description, service_description}) {
    const std::string text{schema};
    const std::regex declaration{R"(\n(?:type|method|error) (\w+))"};
    std::set<std::string> names;
    for (std::sregex_iterator at{text.begin(), text.end(), declaration}, end; at != end; ++at) {
      CAPTURE((*at)[1].str());
      CHECK(names.insert((*at)[1].str()).second);
    }
    CHECK(names.size() > 1);
    CHECK_FALSE(std::regex_search(text, std::regex{R"(\n[^\n]*#[^\n]*\n\))"}));
  }
}

TEST_CASE("a source's objects have the schema's fields and no others") {
  testing::SetReporter reporter;
  reporter.source_reports = {one_source()};
  const std::map<std::string, std::string> types{{"Sources", "Source"},
                                                 {"SourceStats", "SourceStatistics"},
                                                 {"AuthData", "SourceAuthentication"},
                                                 {"NtpData", "SourceResponse"},
                                                 {"SelectData", "SourceSelection"}};
  for (const auto& [method, type] : types) {
    INFO(method);
    const auto reply =
        reply_of(answer(R"({"method":"io.gnomon.Control.)" + method + R"("})", Right::observe, reporter));
    const auto& list = reply.at("parameters").as_object().at("sources").as_array();
    REQUIRE(list.size() == 1);
    const std::string text{control_description};
    const auto begin = text.find("type " + type + " (");
    const auto body = text.substr(begin, text.find("\n)", begin) - begin);
    const auto required = declared(body, R"(\n  (\w+): [^?])");
    const auto optional = declared(body, R"(\n  (\w+): \?)");
    for (const auto& field : required) CHECK(list[0].as_object().contains(field));
    for (const auto& field : list[0].as_object())
      CHECK(required.count(std::string{field.key()}) + optional.count(std::string{field.key()}) == 1);
  }
}

TEST_CASE("values are the reports' own") {
  testing::SetReporter reporter;
  reporter.source_reports = {one_source()};
  const auto sources =
      reply_of(answer(R"({"method":"io.gnomon.Control.Sources"})", Right::observe, reporter));
  const auto& source = sources.at("parameters").as_object().at("sources").as_array()[0].as_object();
  CHECK(source.at("state").as_string() == "selected");
  CHECK(source.at("address").as_string() == "192.0.2.4");
  CHECK(source.at("last_rx").as_double() == 1.5);
  CHECK(source.at("explanation").as_string() == "It is good.");
  const auto data = reply_of(answer(R"({"method":"io.gnomon.Control.NtpData"})", Right::observe, reporter));
  const auto& ntp = data.at("parameters").as_object().at("sources").as_array()[0].as_object();
  CHECK(ntp.at("tests").as_string() == "1111110111");
  CHECK(ntp.at("tx_stamp").as_string() == "invalid");
  CHECK_FALSE(ntp.contains("local_address"));
}

TEST_CASE("the service describes itself") {
  const auto info = ask(R"({"method":"org.varlink.service.GetInfo"})").at("parameters").as_object();
  CHECK(info.at("interfaces").as_array().size() == 2);
  const auto described = ask(
      R"({"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"io.gnomon.Control"}})");
  CHECK(described.at("parameters").as_object().at("description").as_string() == control_description);
  CHECK(error_of(
            R"({"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"a.b"}})") ==
        "org.varlink.service.InterfaceNotFound");
}

TEST_CASE("mistakes get varlink's errors") {
  CHECK(error_of(R"({"method":"io.gnomon.Control.Nonsense"})") == "org.varlink.service.MethodNotFound");
  CHECK(error_of(R"({"method":"io.nobody.Tracking"})") == "org.varlink.service.InterfaceNotFound");
  CHECK(error_of(R"({"method":"Tracking"})") == "org.varlink.service.InterfaceNotFound");
  CHECK(error_of(R"({"method":"io.gnomon.Control.Tracking","parameters":{"x":1}})") ==
        "org.varlink.service.InvalidParameter");
  CHECK(error_of(R"({"method":"io.gnomon.Control.Tracking","parameters":[]})") ==
        "org.varlink.service.InvalidParameter");
  CHECK(error_of(R"({"method":"org.varlink.service.GetInterfaceDescription"})") ==
        "org.varlink.service.InvalidParameter");
}

TEST_CASE("what is not a call gets no reply and ends the connection") {
  testing::SetReporter reporter;
  for (const auto* message : {"", "{", "[]", "1", "{}", R"({"method":7})", "\xff\xfe", R"({"method":"a)"}) {
    const auto made = answer(message, Right::operate, reporter);
    CHECK(made.text.empty());
    CHECK(made.then == AfterReply::close);
  }
  const std::string deep(4000, '[');
  CHECK(answer(deep, Right::operate, reporter).then == AfterReply::close);
}

TEST_CASE(
    "an order may be oneway; a question that wants no answer is not worked on and ends the connection") {
  testing::SetReporter reporter;
  const auto order =
      answer(R"({"method":"io.gnomon.Control.Refresh","oneway":true})", Right::operate, reporter);
  CHECK(order.text.empty());
  CHECK(order.then == AfterReply::go_on);
  CHECK(reporter.source_commands.size() == 1);
  const auto question =
      answer(R"({"method":"io.gnomon.Control.Tracking","oneway":true})", Right::operate, reporter);
  CHECK(question.text.empty());
  CHECK(question.refused);
  CHECK(question.then == AfterReply::close);
  CHECK(reporter.trackings_built == 0);
}

TEST_CASE("who has no right to order hears that before anything about parameters") {
  for (const std::string method : {"Burst", "AddSource", "MakeStep", "AllowSteps", "Rekey"}) {
    INFO(method);
    const auto call = R"({"method":"io.gnomon.Control.)" + method + R"(","parameters":{"wrong":1}})";
    CHECK(error_of(call) == "io.gnomon.Control.NotPermitted");
    CHECK(error_of(call, Right::operate) == "org.varlink.service.InvalidParameter");
  }
}

TEST_CASE("only who may operate gives orders") {
  const std::string shut_down = R"({"method":"io.gnomon.Control.Shutdown"})";
  CHECK(error_of(shut_down) == "io.gnomon.Control.NotPermitted");
  CHECK(error_of(R"({"method":"io.gnomon.Control.Rekey"})") == "io.gnomon.Control.NotPermitted");
  testing::SetReporter reporter;
  CHECK(answer(shut_down, Right::observe, reporter).then == AfterReply::go_on);
  CHECK(answer(shut_down, Right::operate, reporter).then == AfterReply::shut_down);
}

TEST_CASE("log files are cycled by who may operate") {
  const std::string cycle = R"({"method":"io.gnomon.Control.CycleLogs"})";
  CHECK(error_of(cycle) == "io.gnomon.Control.NotPermitted");
  testing::SetReporter reporter;
  CHECK_FALSE(answer(cycle, Right::operate, reporter).refused);
  CHECK(reporter.log_cycles == 1);
}

TEST_CASE("an order that fails says why") {
  testing::SetReporter reporter;
  reporter.rekey_result = std::unexpected("no keys");
  const auto reply = reply_of(answer(R"({"method":"io.gnomon.Control.Rekey"})", Right::operate, reporter));
  CHECK(reply.at("error").as_string() == "io.gnomon.Control.Failed");
  CHECK(reply.at("parameters").as_object().at("explanation").as_string() == "no keys");
}

TEST_CASE("a stream is cut at its NULs, and a message beyond the limit is refused") {
  MessageSplitter splitter;
  REQUIRE(splitter.add(base::as_bytes(std::string_view{"one\0two\0thr", 11})));
  CHECK(splitter.next() == "one");
  CHECK(splitter.next() == "two");
  CHECK_FALSE(splitter.next());
  REQUIRE(splitter.add(base::as_bytes(std::string_view{"ee\0", 3})));
  CHECK(splitter.next() == "three");
  const std::string half(max_message_size / 2, 'x');
  REQUIRE(splitter.add(base::as_bytes(half)));
  CHECK_FALSE(splitter.add(base::as_bytes(half)));
}

namespace {

json::object call_with(testing::SetReporter& reporter, const std::string& method,
                       const std::string& parameters) {
  return reply_of(
      answer(R"({"method":"io.gnomon.Control.)" + method + R"(","parameters":)" + parameters + "}",
             Right::operate, reporter));
}

}  // namespace

TEST_CASE("clients are listed from an index on, for operators") {
  testing::SetReporter reporter;
  reporter.clients_page = engine::ClientsPage{
      .indices = 6144,
      .next = 4000,
      .clients = {{.address = *base::parse_address("2001:db8::7"),
                   .ntp = {.hits = 24, .drops = 2, .interval = -3, .last = std::chrono::seconds{9}},
                   .commands = {.hits = 1},
                   .ntp_interval_after_drop = 4}}};
  const auto reply = call_with(reporter, "Clients", R"({"first":7,"least_hits":10,"reset":true})");
  const auto& parameters = reply.at("parameters").as_object();
  CHECK(parameters.at("next") == 4000);
  CHECK(parameters.at("clients").as_array().at(0) ==
        json::parse(R"({"address":"2001:db8::7","ntp_hits":24,"ntp_drops":2,"ntp_interval":-3,"last_ntp":9.0,
                        "ntp_interval_after_drop":4,"ke_hits":0,"ke_drops":0,"command_hits":1,"command_drops":0})"));
  REQUIRE(reporter.client_queries.size() == 1);
  CHECK(reporter.client_queries[0].first == 7);
  CHECK(reporter.client_queries[0].least_hits == 10);
  CHECK(reporter.client_queries[0].reset);
  reporter.clients_page->next = 6144;
  CHECK_FALSE(call_with(reporter, "Clients", "{}").at("parameters").as_object().contains("next"));
  reporter.clients_page =
      std::unexpected(engine::Refusal{engine::RefusalKind::no_client_log, "none is kept"});
  CHECK(call_with(reporter, "Clients", "{}").at("error").as_string() == "io.gnomon.Control.Failed");
  CHECK(error_of(R"({"method":"io.gnomon.Control.Clients"})") == "io.gnomon.Control.NotPermitted");
}

TEST_CASE("access is changed and checked in one of two lists") {
  testing::SetReporter reporter;
  CHECK_FALSE(
      call_with(reporter, "ChangeAccess", R"({"list":"commands","allow":true,"subnet":"192.0.2.0/24"})")
          .contains("error"));
  CHECK_FALSE(
      call_with(reporter, "ChangeAccess", R"({"list":"ntp","allow":false,"all":true})").contains("error"));
  CHECK(reporter.access_changes ==
        std::vector<ChangeAccess>{
            {AccessList::commands, {.allow = true, .subnet = *base::parse_subnet("192.0.2.0/24")}},
            {AccessList::ntp, {.allow = false, .subnet = {}, .all = true}}});
  reporter.allowed_address = *base::parse_address("192.0.2.1");
  const auto allowed = [&](const std::string& list) {
    return call_with(reporter, "CheckAccess", R"({"list":")" + list + R"(","address":"192.0.2.1"})")
        .at("parameters")
        .as_object()
        .at("allowed");
  };
  CHECK(allowed("ntp") == true);
  CHECK(allowed("commands") == false);
}

TEST_CASE("parameters of clients and access that are wrong are named") {
  testing::SetReporter reporter;
  const auto wrong = [&](const std::string& method, const std::string& parameters) {
    const auto reply = call_with(reporter, method, parameters);
    REQUIRE(reply.at("error").as_string() == "org.varlink.service.InvalidParameter");
    return std::string{reply.at("parameters").as_object().at("parameter").as_string()};
  };
  CHECK(wrong("Clients", R"({"first":-1})") == "first");
  CHECK(wrong("Clients", R"({"first":4294967296})") == "first");
  CHECK(wrong("Clients", R"({"least_hits":1.5})") == "least_hits");
  CHECK(wrong("Clients", R"({"reset":1})") == "reset");
  CHECK(wrong("Clients", R"({"most":1})") == "most");
  CHECK(wrong("ChangeAccess", R"({"allow":true})") == "list");
  CHECK(wrong("ChangeAccess", R"({"list":"all","allow":true})") == "list");
  CHECK(wrong("ChangeAccess", R"({"list":"ntp"})") == "allow");
  CHECK(wrong("ChangeAccess", R"({"list":"ntp","allow":true,"subnet":"ntp.example"})") == "subnet");
  CHECK(wrong("CheckAccess", R"({"list":"ntp"})") == "address");
  CHECK(wrong("CheckAccess", R"({"list":"ntp","address":"192.0.2.0/24"})") == "address");
  CHECK(reporter.client_queries.empty());
  CHECK(reporter.access_changes.empty());
}

TEST_CASE("without a driver of the real-time clock its methods say so") {
  testing::SetReporter reporter;
  reporter.rtc_result = std::unexpected(engine::Refusal{engine::RefusalKind::not_enabled, "set rtcfile"});
  for (const auto* method : {"RtcData", "TrimRtc", "WriteRtc"}) {
    const auto reply = call_with(reporter, method, "{}");
    CHECK(reply.at("error").as_string() == "io.gnomon.Control.Failed");
    const std::string why{reply.at("parameters").as_object().at("explanation").as_string()};
    CHECK(why.contains("rtcfile"));
  }
}

TEST_CASE("the real-time clock is reported, trimmed and written down") {
  using core::control::RtcCommand;
  testing::SetReporter reporter;
  reporter.rtc_report.used = true;
  reporter.rtc_report.samples = 7;
  CHECK(call_with(reporter, "RtcData", "{}").at("parameters").as_object().at("samples").as_int64() == 7);
  CHECK_FALSE(call_with(reporter, "TrimRtc", "{}").contains("error"));
  CHECK_FALSE(call_with(reporter, "WriteRtc", "{}").contains("error"));
  CHECK(reporter.rtc_commands == std::vector{RtcCommand::trim, RtcCommand::write});
}
