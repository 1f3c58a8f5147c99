// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/name_checks.hpp"

#include "tests/unit/ctl/check/findings.hpp"

namespace gnomon::testing {

TEST_CASE("each name is looked up once, literal addresses never, and one without an address is a warning") {
  Lines asked;
  const auto look_up = [&](const std::string& name, base::AddressFamily /*family*/) {
    asked.push_back(name);
    return name == "b" ? std::string{"Name or service not known"} : std::string{};
  };
  CHECK(found([&](const ctl::Configuration& configuration,
                  ctl::Findings& findings) { ctl::check_names(configuration, look_up, findings); },
              "server a\nserver b\npool a\nserver 192.0.2.1\n") ==
        Lines{"2 warning b: b has no address now: Name or service not known"});
  CHECK(asked == Lines{"a", "b"});
}

TEST_CASE("the system's resolver answers") {
  CHECK(ctl::look_up("localhost", base::AddressFamily::unspecified).empty());
  CHECK_FALSE(ctl::look_up("no-such-host.invalid", base::AddressFamily::unspecified).empty());
}

}  // namespace gnomon::testing
