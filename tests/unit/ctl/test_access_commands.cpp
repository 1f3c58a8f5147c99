// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/access_commands.hpp"

#include <boost/json/serialize.hpp>

#include "tests/unit/catch.hpp"

using namespace gnomon::ctl;

namespace {

// "Method{parameters}", or what is wrong.
std::string call_of(const Made& made) {
  return made ? made->method + boost::json::serialize(made->parameters) : made.error();
}

}  // namespace

TEST_CASE("allow and deny, for time and for commands, as chronyc takes them") {
  CHECK(call_of(change_access("allow", {})) == R"(ChangeAccess{"list":"ntp","allow":true,"all":false})");
  CHECK(call_of(change_access("deny", {"all"})) == R"(ChangeAccess{"list":"ntp","allow":false,"all":true})");
  CHECK(call_of(change_access("allow", {"10.1"})) ==
        R"(ChangeAccess{"list":"ntp","allow":true,"all":false,"subnet":"10.1.0.0/16"})");
  CHECK(call_of(change_access("cmdallow", {"all", "192.0.2.0/24"})) ==
        R"(ChangeAccess{"list":"commands","allow":true,"all":true,"subnet":"192.0.2.0/24"})");
  CHECK(call_of(change_access("cmddeny", {"2001:db8::1"})) ==
        R"(ChangeAccess{"list":"commands","allow":false,"all":false,"subnet":"2001:db8::1/128"})");
  CHECK(call_of(change_access("allow", {"localhost"})).contains(R"("subnet":")"));
}

TEST_CASE("what is neither subnet nor host") {
  for (const auto* text : {"10.0.0.0/33", "1.2.3.4.5", "-1", "no such host", "[::1]", "nosuch.invalid"}) {
    INFO(text);
    CHECK_FALSE(change_access("allow", {text}));
    CHECK_FALSE(check_access("accheck", {text}));
  }
  CHECK_FALSE(change_access("allow", {"all", "10", "11"}));
  CHECK_FALSE(change_access("allow", {"10", "11"}));
  CHECK_FALSE(check_access("accheck", {}));
  CHECK_FALSE(check_access("accheck", {"10.0.0.0/8"}));
}

TEST_CASE("accheck and cmdaccheck ask for an address") {
  CHECK(call_of(check_access("accheck", {"192.0.2.1"})) ==
        R"(CheckAccess{"list":"ntp","address":"192.0.2.1"})");
  CHECK(call_of(check_access("cmdaccheck", {"::1"})) == R"(CheckAccess{"list":"commands","address":"::1"})");
}

TEST_CASE("clients has chronyc's options, in any order") {
  CHECK(call_of(clients("clients", {})) == "Clients{}");
  CHECK(call_of(clients("clients", {"-p", "10", "-r"})) == R"(Clients{"least_hits":10,"reset":true})");
  CHECK(clients("clients", {"-k"})->render == render_key_exchange_clients);
  CHECK(clients("clients", {"-r", "-k"})->pages == "clients");
  for (const Words& words : {Words{"-p"}, {"-p", "-k"}, {"-p", "-1"}, {"-x"}, {"192.0.2.1"}})
    CHECK_FALSE(clients("clients", words));
}
