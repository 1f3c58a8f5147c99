// SPDX-License-Identifier: GPL-2.0-or-later
// Whole reports, from command line and recorded reply to the text, compared with chronyc's own.
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "ctl/command_line.hpp"
#include "ctl/run.hpp"
#include "tests/unit/catch.hpp"

namespace {

using namespace gnomon::ctl;

struct Case {
  std::string command_line;
  std::string reply;
  std::string expected;
};

const std::vector<Case> cases{
    {"-n sources", "sources.json", "sources.txt"},
    {"-n sources -a", "sources.json", "sources-a.txt"},
    {"-N sources -a", "sources.json", "sources-N.txt"},
    {"sources", "sources.json", "sources-dns.txt"},
    {"-c sources", "sources.json", "sources.csv"},
    {"-c sources -a", "sources.json", "sources-a.csv"},
    {"-n sources -v", "sources-v.json", "sources-v.txt"},
    {"-c sources -v", "sources.json", "sources.csv"},
    {"-n sources", "none.json", "sources-none.txt"},
    {"-n sourcestats", "sourcestats.json", "sourcestats.txt"},
    {"-n sourcestats -a", "sourcestats-a.json", "sourcestats-a.txt"},
    {"-c sourcestats", "sourcestats.json", "sourcestats.csv"},
    {"-n sourcestats -v", "sourcestats.json", "sourcestats-v.txt"},
    {"-n authdata", "authdata.json", "authdata.txt"},
    {"-n authdata -a", "authdata.json", "authdata-a.txt"},
    {"-c authdata", "authdata.json", "authdata.csv"},
    {"-c authdata -a", "authdata.json", "authdata-a.csv"},
    {"-n authdata -v", "authdata.json", "authdata-v.txt"},
    {"-n authdata", "none.json", "authdata-none.txt"},
    {"-n tracking", "tracking.json", "tracking.txt"},
    {"-N tracking", "tracking-N.json", "tracking-N.txt"},
    {"-n tracking", "tracking-early.json", "tracking-early.txt"},
    {"-c tracking", "tracking-c.json", "tracking.csv"},
    {"-n tracking", "tracking-local.json", "tracking-local.txt"},
    {"-c tracking", "tracking-local.json", "tracking-local.csv"},
    {"-n tracking", "tracking-unsynchronised.json", "tracking-unsynchronised.txt"},
    {"-n activity", "activity.json", "activity.txt"},
    {"-c activity", "activity.json", "activity.csv"},
    {"-n serverstats", "serverstats.json", "serverstats.txt"},
    {"-c serverstats", "serverstats-c.json", "serverstats.csv"},
    {"-n clients", "clients.json", "clients.txt"},
    {"-n clients -k", "clients.json", "clients-k.txt"},
    {"-c clients", "clients.json", "clients.csv"},
    {"-c clients -k -p 1", "clients.json", "clients-k.csv"},
    {"-n clients", "clients-none.json", "clients-none.txt"},
    {"-n -w sources -v", "sources-v.json", "sources-wide.txt"},
    {"-n -w sourcestats", "sourcestats.json", "sourcestats-wide.txt"},
    {"-n -w authdata", "authdata.json", "authdata-wide.txt"},
    {"-n -w selectdata", "selectdata.json", "selectdata-wide.txt"},
    {"-n -w clients", "clients.json", "clients-wide.txt"},
    {"rtcdata", "rtcdata.json", "rtcdata.txt"},
    {"-c rtcdata", "rtcdata.json", "rtcdata.csv"},
    {"certificates", "certificates.json", "certificates.txt"},
    {"-c certificates", "certificates.json", "certificates.csv"},
    {"certificates", "certificates-none.json", "certificates-none.txt"},
    {"certificates", "certificates-refused.json", "certificates-refused.txt"},
    {"-n ntpdata", "ntpdata.json", "ntpdata.txt"},
    {"-n ntpdata 127.0.0.1", "ntpdata.json", "ntpdata-one.txt"},
    {"-c ntpdata", "ntpdata.json", "ntpdata.csv"},
    {"-n selectdata", "selectdata.json", "selectdata.txt"},
    {"-n selectdata -a", "selectdata.json", "selectdata-a.txt"},
    {"-c selectdata", "selectdata.json", "selectdata.csv"},
    {"-c selectdata -a", "selectdata.json", "selectdata-a.csv"},
    {"sourcename 127.0.0.2", "selectdata.json", "sourcename.txt"},
    {"activity --json", "activity.json", "activity.pretty"},
    {"authdata --json", "authdata.json", "authdata.pretty"},
};

std::string file(const std::string& name) {
  std::ifstream stream(std::string(GNOMON_GOLDEN "/") + name);
  if (!stream) throw std::runtime_error("cannot read " + name);
  return {std::istreambuf_iterator<char>(stream), {}};
}

Request request_of(const std::string& command_line) {
  std::istringstream stream("gnomonctl " + command_line);
  const std::vector<std::string> words{std::istream_iterator<std::string>(stream), {}};
  std::vector<const char*> arguments;
  arguments.reserve(words.size());
  for (const auto& word : words) arguments.push_back(word.c_str());
  auto request = parse_command_line(static_cast<int>(arguments.size()), arguments.data()).value();
  // What DNS of the machine that runs the test says does not count.
  request.view.naming.reverse = [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
  return request;
}

}  // namespace

TEST_CASE("every report is what chronyc prints, character for character") {
  for (const auto& [command_line, reply, expected] : cases) {
    INFO(command_line << ": " << reply << " as " << expected);
    const auto value = boost::json::parse(file(reply));
    const auto text = show(request_of(command_line), value.get_object());
    REQUIRE(text.has_value());
    CHECK(*text == file(expected));
  }
}

TEST_CASE("ntpdata of one source finds it by configured name too, and as JSON") {
  const auto value = boost::json::parse(file("ntpdata.json"));
  auto named = value.get_object();
  named.at("sources").as_array().at(0).as_object()["name"] = "time.example";
  CHECK(show(request_of("ntpdata time.example"), named) == file("ntpdata-one.txt"));

  const auto text = show(request_of("--json ntpdata time.example"), named);
  const auto shown = boost::json::parse(text.value());
  CHECK(shown.at("sources").as_array().size() == 1);
  CHECK(shown.at("sources").as_array().at(0) == named.at("sources").as_array().at(0));
}

TEST_CASE("ntpdata of a source that is not there, or has no address yet, says where to look") {
  const auto value = boost::json::parse(file("ntpdata.json"));
  for (const std::string command_line : {"ntpdata 10.1.1.1", "ntpdata localhost", "ntpdata nosuch.invalid"}) {
    const auto text = show(request_of(command_line), value.get_object());
    REQUIRE_FALSE(text.has_value());
    CHECK(text.error().find("gnomonctl -N sources -a") != std::string::npos);
  }
}

TEST_CASE("commands answer 200 OK, as CSV too, like chronyc") {
  CHECK(show(request_of("rekey"), {}) == std::string("200 OK\n"));
  CHECK(show(request_of("shutdown"), {}) == std::string("200 OK\n"));
  CHECK(show(request_of("-c rekey"), {}) == std::string("200 OK\n"));
  CHECK(show(request_of("--json rekey"), {}) == std::string("{}\n"));
}

TEST_CASE("a reply of another version of the interface is refused, not half shown") {
  boost::json::object reply = boost::json::parse(file("tracking.json")).get_object();
  reply.erase("skew");
  CHECK_THROWS_AS(static_cast<void>(show(request_of("-n tracking"), reply)), ReplyFault);
  CHECK_THROWS_AS(static_cast<void>(show(request_of("-n sources"), reply)), ReplyFault);
}
