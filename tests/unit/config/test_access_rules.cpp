// SPDX-License-Identifier: GPL-2.0-or-later
// allow, deny, cmdallow and cmddeny.
#include "base/access.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/config/files.hpp"

using namespace gnomon;
using namespace gnomon::config;

namespace {

struct Written {
  const char* line;
  const char* address;  // empty: every address
  int bits;
  bool all;
};

bool allows(const std::string& text, const char* address) {
  return base::AccessTable{config_of(text).server.access}.allows(*base::parse_address(address));
}

}  // namespace

TEST_CASE("a subnet may be written in all of chrony's ways") {
  const auto [line, address, bits, all] = GENERATE(values<Written>({
      {"allow", "", 0, false},
      {"allow all", "", 0, true},
      {"allow 10", "10.0.0.0", 8, false},
      {"allow 10.1", "10.1.0.0", 16, false},
      {"allow 10.0.0", "10.0.0.0", 24, false},
      {"allow 10/8", "10.0.0.0", 8, false},
      {"allow 10.1/12", "10.0.0.0", 12, false},
      {"allow 1.2.3.4", "1.2.3.4", 32, false},
      {"allow 1.2.3.4/24", "1.2.3.0", 24, false},
      {"allow 0/0", "0.0.0.0", 0, false},
      {"allow all 192.168.0.0/16", "192.168.0.0", 16, true},
      {"Allow 2001:db8::1", "2001:db8::1", 128, false},
      {"allow 2001:db8:ffff::1/33", "2001:db8:8000::", 33, false},
      {"allow ::/0", "::", 0, false},
  }));
  CAPTURE(line);
  const auto config = config_of(line);
  REQUIRE(config.server.access.size() == 1);
  const auto& rule = config.server.access.front();
  CHECK(rule.allow);
  CHECK(rule.all == all);
  CHECK(int{rule.subnet.bits} == bits);
  CHECK((*address == '\0' ? !rule.subnet.address.is_specified()
                          : base::to_string(rule.subnet.address) == address));
}

TEST_CASE("what is no address and no subnet is refused") {
  const auto* line =
      GENERATE("allow 10.", "allow 256", "allow 1.2.3.4.5", "allow 1.2.3.4/33", "allow ::/129", "allow 10/",
               "allow /8", "allow 10/-1", "allow 10/8x", "allow a.example/24", "allow fe80::1%1",
               "allow ::ffff:1.2.3.4/20", "allow all 10 20", "allow 10 all");
  CAPTURE(line);
  CHECK(complaints(line).size() == 1);
}

TEST_CASE("a host may be named") {
  const auto config = config_of("allow all client.example\ndeny ALL");
  REQUIRE(config.server.access.size() == 2);
  CHECK(config.server.access[0] == base::AccessRule{true, {}, true, "client.example"});
  CHECK(config.server.access[1] == base::AccessRule{false, {}, false, "ALL"});  // as chronyd has it
  CHECK(config.serves_ntp());
}

TEST_CASE("what is wrong is said with what to write instead") {
  CHECK(complaints("deny ntp.example/24") ==
        std::vector<std::string>{
            "g.conf:1:6: invalid value 'ntp.example/24' for deny directive: must be 'all', an address, a "
            "subnet such as 192.0.2.0/24, or a host name"});
}

TEST_CASE("rules take effect in chrony's way") {
  const auto* text = "allow 1.2\ndeny 1.2.3\nallow 1.2.3.4\n";
  CHECK(allows(text, "1.2.9.9"));
  CHECK_FALSE(allows(text, "1.2.3.5"));
  CHECK(allows(text, "1.2.3.4"));
  CHECK_FALSE(allows(text, "8.8.8.8"));
  CHECK(allows(std::string{text} + "allow all 1.2", "1.2.3.5"));
  CHECK(allows("allow\ndeny all 10", "::1"));
}

TEST_CASE("the two lists are separate") {
  const auto config = config_of("allow 10\ncmdallow 127/8\ncmddeny all\n");
  CHECK(config.server.access.size() == 1);
  REQUIRE(config.control.command_access.size() == 2);
  CHECK_FALSE(config.control.command_access[1].allow);
}

TEST_CASE("NTP is served if anybody is allowed and the port is open, keys if there are certificates too") {
  CHECK_FALSE(config_of("").serves_ntp());
  CHECK_FALSE(config_of("deny all").serves_ntp());
  CHECK(config_of("allow 10").serves_ntp());
  CHECK_FALSE(config_of("allow\nport 0").serves_ntp());
  CHECK_FALSE(config_of("allow").serves_ke());
  const std::string pair = "ntsservercert c\nntsserverkey k\n";
  CHECK(config_of(pair + "allow").serves_ke());
  CHECK(config_of(pair + "allow\nport 0").serves_ke());
  CHECK(config_of(pair).serves_ke());
  CHECK_FALSE(config_of(pair + "allow\nntsport 0").serves_ke());
}

TEST_CASE("cookies are served where they are made, and where their keys are shared") {
  const std::string pair = "ntsservercert c\nntsserverkey k\n";
  CHECK(config_of(pair + "allow").serves_nts());
  CHECK(config_of(pair + "allow\nport 0").serves_nts());
  CHECK_FALSE(config_of("allow\nntsdumpdir /d").serves_nts());
  CHECK(config_of("allow\nntskeysecret /s").serves_nts());
  CHECK_FALSE(config_of("ntskeysecret /s").serves_nts());
  CHECK(config_of("allow\nntsdumpdir /d\nntsrotate 0").serves_nts());
  CHECK_FALSE(config_of("allow\nntsrotate 0").serves_nts());
}
