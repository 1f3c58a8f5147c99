// SPDX-License-Identifier: GPL-2.0-or-later
// dns, timeout, retries, quit: what they change for the commands after them.
#include "ctl/session_commands.hpp"

#include "ctl/command_line.hpp"
#include "ctl/session/session.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::ctl;
using namespace std::chrono_literals;

namespace {

std::expected<Request, Outcome> parsed(const std::string& line) {
  const auto words = words_of_line(line);
  std::vector<const char*> arguments{"gnomonctl"};
  for (const auto& word : words) arguments.push_back(word.c_str());
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

// The request of `line` after those commands.
Request after(std::initializer_list<const char*> commands, const std::string& line) {
  SessionSettings settings;
  for (const auto* command : commands) settings.update(parsed(command).value().call.session.value());
  auto request = parsed(line).value();
  use_settings(settings, request);
  return request;
}

bool looks_up(const Request& request) {
  return request.view.naming.reverse != nullptr;
}

}  // namespace

TEST_CASE("dns decides whether addresses are looked up from then on") {
  CHECK(looks_up(after({}, "sources")));
  CHECK_FALSE(looks_up(after({}, "-n sources")));
  CHECK_FALSE(looks_up(after({"dns -n"}, "sources")));
  CHECK(looks_up(after({"dns -n", "dns +n"}, "-n sources")));
  CHECK(looks_up(after({"dns -4", "dns -6", "dns -46"}, "sources")));
  CHECK(after({"dns -n"}, "sources").view.naming.style == NameStyle::numeric);
  CHECK(after({"dns -n"}, "-N sources").view.naming.style == NameStyle::configured);
  CHECK_FALSE(looks_up(after({"dns +n"}, "-c sources")));
}

TEST_CASE("timeout is the time that gnomond has to answer") {
  CHECK(after({}, "tracking").time_limit == 5s);
  CHECK(after({"timeout 500", "retries 3"}, "tracking").time_limit == 500ms);
}

TEST_CASE("quit and exit end the run") {
  CHECK(parsed("quit")->call.session->ended);
  CHECK(parsed("exit")->call.session->ended);
  CHECK_FALSE(parsed("dns -n")->call.session->ended);
}

TEST_CASE("what these commands do not take") {
  for (const auto* line : {"dns", "dns -x", "dns -n -4", "timeout", "timeout 0", "timeout abc", "timeout 1.5",
                           "retries -1", "retries", "quit now"}) {
    INFO(line);
    CHECK(parsed(line).error().status == 1);
  }
}
