// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/json/serialize.hpp>
#include <sstream>

#include "ctl/command_line.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::ctl;

namespace {

auto parsed(const std::string& line) {
  std::istringstream stream("gnomonctl " + line);
  const std::vector<std::string> words{std::istream_iterator<std::string>(stream), {}};
  std::vector<const char*> arguments;
  arguments.reserve(words.size());
  for (const auto& word : words) arguments.push_back(word.c_str());
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

// "Method{parameters}"
std::string call_of(const std::string& line) {
  const auto request = parsed(line);
  if (!request) return request.error().text;
  return request->call.method + boost::json::serialize(request->call.parameters);
}

}  // namespace

TEST_CASE("chronyc's commands about sources become calls of the daemon") {
  const std::vector<std::pair<std::string, std::string>> calls{
      {"online", "Online{}"},
      {"offline 192.0.2.1", R"(Offline{"within":"192.0.2.1"})"},
      {"offline 255.255.255.0/192.0.2.0", R"(Offline{"within":"192.0.2.0/24"})"},
      {"online 2001:db8::/32", R"(Online{"within":"2001:db8::/32"})"},
      {"online ffff:ff00::/2001:db8::", R"(Online{"within":"2001:db8::/24"})"},
      {"online ntp.example", R"(Online{"source":"ntp.example"})"},
      {"burst 4/4 ntp.example", R"(Burst{"good":4,"total":4,"source":"ntp.example"})"},
      {"onoffline", "OnOffline{}"},
      {"burst 1/2", R"(Burst{"good":1,"total":2})"},
      {"burst 4/8 255.255.0.0/192.0.0.0", R"(Burst{"good":4,"total":8,"within":"192.0.0.0/16"})"},
      {"minpoll 127.0.0.1 -3", R"(ModifySource{"source":"127.0.0.1","option":"minpoll","value":-3E0})"},
      {"maxdelay ntp.example 0.5",
       R"(ModifySource{"source":"ntp.example","option":"maxdelay","value":5E-1})"},
      {"add server 127.0.0.77 port 1177 iburst minpoll -2",
       R"(AddSource{"line":"server 127.0.0.77 port 1177 iburst minpoll -2"})"},
      {"delete ID#0000000002", R"(DeleteSource{"source":"ID#0000000002"})"},
      {"refresh", "Refresh{}"},
      {"reload sources", "ReloadSources{}"},
      {"reset sources", "ResetSources{}"},
      {"selectopts 127.0.0.1 +trust -noselect",
       R"(SelectOptions{"source":"127.0.0.1","options":["+trust","-noselect"]})"},
      {"dump", "Dump{}"}};
  for (const auto& [line, call] : calls) {
    INFO(line);
    CHECK(call_of(line) == call);
  }
}

TEST_CASE("what does not make sense is said before the daemon is asked") {
  for (const std::string line :
       {"online not/a/name", "online 255.0.255.0/192.0.2.0", "offline 192.0.2.1 192.0.2.2", "burst",
        "burst 4", "burst 5/4", "burst 0/4", "minpoll 127.0.0.1", "minpoll 127.0.0.1 six", "add refclock SHM",
        "add server", "delete", "reload everything", "reset everything", "selectopts 127.0.0.1",
        "dump now"}) {
    INFO(line);
    const auto text = call_of(line);
    CHECK(text.starts_with("gnomonctl: " + line.substr(0, line.find(' ')) + ": "));
    CHECK(text.ends_with("Try: gnomonctl help " + line.substr(0, line.find(' ')) + "\n"));
  }
}

TEST_CASE("options stand before a command") {
  const auto request = parsed("-c --socket /tmp/x offline 192.0.2.1");
  REQUIRE(request);
  CHECK(request->view.csv);
  CHECK(request->socket == "/tmp/x");
  CHECK(request->call.method == "Offline");
}
