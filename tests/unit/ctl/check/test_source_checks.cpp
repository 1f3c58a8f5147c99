// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/source_checks.hpp"

#include "tests/unit/ctl/check/findings.hpp"

namespace gnomon::testing {

namespace {

Lines found_in_sources(const std::string& text, config::FileMap files = {}) {
  return found(ctl::check_sources, text, std::move(files));
}

}  // namespace

TEST_CASE("sources as they should be are silent") {
  CHECK(found_in_sources("server a iburst nts\nserver b iburst nts ntsport 4461\npool c maxsources 3\n"
                         "server 192.0.2.1 ipv4 minpoll 4 maxpoll 6\nminsources 6\nauthselectmode prefer\n")
            .empty());
}

TEST_CASE("options that cancel each other, or that nothing follows from, are named") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"server a nts key 1",
       "1 warning key: 'key' has no effect with 'nts': the source is authenticated by NTS"},
      {"server a prefer noselect\nserver b",
       "1 warning prefer: 'prefer' has no effect with 'noselect': the source is never selected"},
      {"server a nts port 4460",
       "1 warning port: 4460 is the port of key exchanges, and `port` is the one of NTP"},
      {"server a certset 1", "1 warning certset: 'certset' has no effect without 'nts'"},
      {"server a NTSPORT 1", "1 warning ntsport: 'ntsport' has no effect without 'nts'"},
      {"server a maxsources 2", "1 warning maxsources: 'maxsources' has an effect for a pool only"},
      {"server a offline iburst",
       "1 note offline: the source is not queried before `gnomonctl online`, which begins with the burst of "
       "'iburst'"},
      {"server a minpoll 8 maxpoll 6",
       "1 warning maxpoll: 'minpoll' (8) is above 'maxpoll' (6): both are 8 then"},
      {"server a minsamples 9 maxsamples 8",
       "1 warning minsamples: 'minsamples' (9) is above 'maxsamples' (8)"},
      {"server a nts version 3",
       "1 error version: NTS is a part of NTP version 4: no response will be accepted"},
      {"server 192.0.2.1 ipv6",
       "1 error ipv6: 192.0.2.1 is not an IPv6 address: the source is never queried"},
      {"server 0.0.0.0", "1 warning 0.0.0.0: 0.0.0.0 can be no server's address: it is unspecified"},
      {"pool ::", "1 warning ::: :: can be no server's address: it is unspecified"},
      {"server 224.0.0.1",
       "1 warning 224.0.0.1: 224.0.0.1 can be no server's address: it is a multicast address"},
      {"server ff02::101 nts",
       "1 warning ff02::101: ff02::101 can be no server's address: it is a multicast address"},
      {"peer 255.255.255.255",
       "1 warning 255.255.255.255: 255.255.255.255 can be no server's address: it is the broadcast address"},
      {"server fe80::1",
       "1 warning fe80::1: fe80::1 can be no server's address: it is link-local, of no interface"},
      {"peer a nts", "1 error nts: a peer cannot be protected by NTS (RFC 8915): it will not be used"},
  };
  for (const auto& [text, finding] : cases) CHECK(found_in_sources(text) == Lines{finding});
}

TEST_CASE("a key exchange needs somebody to trust") {
  CHECK(found_in_sources("nosystemcert\nserver a nts\n") ==
        Lines{"2 error nts: no certificate authority is trusted: every key exchange will fail"});
  CHECK(found_in_sources("nosystemcert\nntstrustedcerts /ca\nserver a nts\n").empty());
  CHECK(found_in_sources("ntstrustedcerts 1 /ca\nserver a nts certset 1\nserver b nts certset 2\n") ==
        Lines{"3 error certset: set 2 has no trusted certificates: every key exchange will fail"});
  CHECK(found_in_sources("ntsaeads\nserver a nts\n") ==
        Lines{"2 error nts: 'nts' cannot work: the list of `ntsaeads` is empty"});
}

TEST_CASE("a source that is named twice is found, also in another file") {
  CHECK(found_in_sources("server a\nserver b\nserver A iburst\n") ==
        Lines{"3 warning A: A is configured before, in g.conf:1: where both lead to one address it is used "
              "once"});
  CHECK(found_in_sources("server a\nserver a port 124\npool a\n").empty());
  CHECK(found_in_sources("pool a\nsourcedir /s\n", {{"/s/x.sources", "pool a\n"}}) ==
        Lines{"/s/x.sources:1 warning a: a is configured before, in g.conf:1"});
}

TEST_CASE("a quorum that cannot be reached is an error, or a warning where more sources may come") {
  const std::string line = "server a\nserver b noselect\npool c maxsources 2\n";
  CHECK(found_in_sources(line + "minsources 3\n").empty());
  CHECK(found_in_sources(line + "minsources 4\n") ==
        Lines{"4 error 4: `minsources 4` needs more sources than the 3 that can be selected: the clock will "
              "never "
              "be synchronised"});
  CHECK(found_in_sources(line + "sourcedir /s\nminsources 4\n") ==
        Lines{"5 warning 4: `minsources 4` needs more sources than the 3 that can be selected: the clock is "
              "synchronised only if `sourcedir` gets more"});
}

TEST_CASE("a clock that nothing can steer is a warning") {
  CHECK(found_in_sources("port 0\n") ==
        Lines{"0 warning : there is no time source: nothing is measured and the clock is not steered"});
  CHECK(found_in_sources("local\n").empty());
  CHECK(found_in_sources("sourcedir /s\n").empty());
  CHECK(found_in_sources("server a noselect\n") ==
        Lines{"1 warning noselect: every source has 'noselect': the clock is not steered"});
  CHECK(found_in_sources("server a\nauthselectmode require\n") ==
        Lines{"2 error require: `authselectmode require`, and no source is authenticated: the clock will "
              "never be "
              "synchronised"});
}

TEST_CASE("a source that authselectmode leaves out is named") {
  CHECK(
      found_in_sources("server a nts\nserver b\nserver c noselect\npool d key 3\nauthselectmode require\n") ==
      Lines{"2 warning b: it is measured and never selected: `authselectmode require` wants authenticated "
            "sources"});
  CHECK(found_in_sources("server a nts\nserver b\nauthselectmode prefer\n").empty());
}

TEST_CASE("a port or brackets in the name of a source are none of it") {
  CHECK(found_in_sources("server 192.0.2.1:123\nserver [fd00::1]:123\npool a.example:4123\n") ==
        Lines{"2 error [fd00::1]:123: invalid value '[fd00::1]:123' for server directive: must be an address "
              "without brackets: its port is the option 'port'",
              "1 error 192.0.2.1:123: the port is not a part of the name: it is the option 'port'",
              "3 error a.example:4123: the port is not a part of the name: it is the option 'port'"});
  CHECK(found_in_sources("server fd00::1\nserver fe80::1%eth0\nserver ::1\nserver a.example.\n").empty());
}

TEST_CASE("a file that cannot be read is not said to have no sources") {
  ctl::Findings findings;
  const auto configuration = ctl::read_configuration("absent.conf", config::files_of({}), findings);
  const auto before = findings.all().size();
  CHECK(before == 1);
  ctl::check_sources(configuration, findings);
  CHECK(findings.all().size() == before);
}

}  // namespace gnomon::testing
