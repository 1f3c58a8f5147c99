// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/directive_checks.hpp"

#include "tests/unit/ctl/check/findings.hpp"

namespace gnomon::testing {

namespace {

Lines found_in_lines(const std::string& text) {
  return found(ctl::check_directives, text);
}

}  // namespace

TEST_CASE("directives that work together are silent") {
  CHECK(found_in_lines("server a nts\nntstrustedcerts /a\nntstrustedcerts /b\nallow 10/8\ndeny 10.1/16\n"
                       "ratelimit interval 1\nratelimit burst 5\nbindaddress 192.0.2.1\nbindaddress ::1\n"
                       "ntsservercert /c\nntsserverkey /k\nntsprocesses 2\nleapsectz right/UTC\nport 123\n")
            .empty());
}

TEST_CASE("what this version does not support is named where it stands, and what is obsolete as such") {
  CHECK(found_in_lines("dumponexit\nlinux_hz 100\n") ==
        Lines{"1 note : `dumponexit` is obsolete: it does nothing, here as in chrony",
              "2 note : `linux_hz` is obsolete: it does nothing, here as in chrony"});
}

TEST_CASE("of each family one address is bound, and the lines before it are named") {
  CHECK(
      found_in_lines("allow\nbindaddress 192.0.2.1\nbindaddress ::1\nbindaddress 192.0.2.2\n") ==
      Lines{"2 warning 192.0.2.1: `bindaddress` is replaced by the line g.conf:4: of each family one address "
            "is used"});
  CHECK(found_in_lines("bindcmdaddress /run/x\nbindcmdaddress 127.0.0.1\nbindcmdaddress ::1\n").empty());
  CHECK(found_in_lines("bindacqaddress 192.0.2.1\nbindacqaddress 192.0.2.1\n").size() == 1);
}

TEST_CASE("a port that two need, and one that is not there, are errors") {
  CHECK(found_in_lines("port 0\nbroadcast 10 192.0.2.255\n") ==
        Lines{"2 error : `broadcast` sends nothing with `port 0`: it sends from the NTP port"});
  CHECK(found_in_lines("broadcast 10 192.0.2.255\n").empty());
  CHECK(
      found_in_lines("allow\nport 323\n") ==
      Lines{"2 error 323: UDP port 323 cannot be both `port` and `cmdport`: chronyc cannot reach the daemon "
            "there"});
  CHECK(found_in_lines("allow\nport 11123\ncmdport 11123\n").size() == 1);
  CHECK(found_in_lines("port 323\n").empty());
}

TEST_CASE("processes that stay root are named") {
  CHECK(found_in_lines("user root\n") ==
        Lines{"1 note root: `user root`: all processes keep root's identity, and only their sandboxes hold "
              "them"});
  CHECK(found_in_lines("user ntp\n").empty());
}

TEST_CASE("of a directive that counts once the earlier line is named") {
  CHECK(found_in_lines("driftfile /a\nDriftfile /b\n") ==
        Lines{"1 warning : `driftfile` is replaced by the line g.conf:2"});
  CHECK(found_in_lines("rtcsync\nrtcsync\n") ==
        Lines{"1 warning : `rtcsync` is repeated by the line g.conf:2"});
}

TEST_CASE("what the unit does not allow is named before it fails to start") {
  CHECK(found_in_lines("lock_all\nsched_priority 1\n") ==
        Lines{"1 note : gnomond.service does not start with `lock_all` unless a drop-in allows it",
              "2 note : gnomond.service does not start with `sched_priority` unless a drop-in allows it"});
}

TEST_CASE("whom commands are taken from needs an address that they come to") {
  CHECK(found_in_lines("cmdallow 10/8\n") ==
        Lines{"1 warning : `cmdallow` has no effect: commands over UDP are awaited on loopback only"});
  CHECK(found_in_lines("cmdallow 10/8\nbindcmdaddress 192.0.2.1\n").empty());
  CHECK(found_in_lines("cmdallow 127/8\n").empty());
}

TEST_CASE("what is for clients needs clients") {
  CHECK(found_in_lines("ratelimit\ndeny 10/8\n") ==
        Lines{"1 warning : `ratelimit` has no effect: no client is allowed",
              "2 warning : `deny` has no effect: no client is allowed"});
  CHECK(found_in_lines("ntsservercert /c\nntsserverkey /k\n") ==
        Lines{"1 warning : `ntsservercert` has no effect: no client is allowed"});
  CHECK(found_in_lines("allow\nntsprocesses 2\n") ==
        Lines{"2 warning : `ntsprocesses` has no effect: there is no `ntsservercert`"});
  CHECK(found_in_lines("port 0\nallow\n") ==
        Lines{"1 warning 0: `port 0`: NTP requests are not answered, though there is an `allow`"});
  CHECK(found_in_lines("port 0\nallow\nntsservercert /c\nntsserverkey /k\nntsntpserver other\n").empty());
  CHECK(found_in_lines("allow\nratelimit\nnoclientlog\n") ==
        Lines{"2 warning : `ratelimit` has no effect: `noclientlog` keeps nothing about clients"});
  CHECK(found_in_lines("allow\nntsport 0\nntsservercert /c\nntsserverkey /k\n") ==
        Lines{"3 warning : `ntsservercert` has no effect: `ntsport 0` turns key exchanges off"});
}

TEST_CASE("what is for NTS clients needs a source with NTS, or a directory that may bring one") {
  CHECK(found_in_lines("server a\nnosystemcert\n") ==
        Lines{"2 warning : `nosystemcert` has no effect: no source has the option 'nts'"});
  CHECK(found_in_lines("server a\nsourcedir /s\nnosystemcert\n").empty());
}

TEST_CASE("limits that leave nothing between them are found") {
  CHECK(found_in_lines("minstratum 5\nmaxstratum 4\n") ==
        Lines{"2 error 4: `maxstratum` is below `minstratum`: no source will be selected"});
  CHECK(found_in_lines("minsamples 8\nmaxsamples 7\n") ==
        Lines{"2 warning 7: `maxsamples` (7) is below `minsamples` (8)"});
  CHECK(
      found_in_lines("leapsectz right/UTC\nleapseclist /l\n") ==
      Lines{"1 warning : `leapsectz` has no effect: `leapseclist` takes precedence until its list expires"});
}

TEST_CASE("a line that is refused is taken for no value, by no check") {
  for (const char* const port : {"port", "port 70000", "port -1", "port 123x"}) {
    const auto lines = found_in_lines("allow\n" + std::string{port} + "\n");
    REQUIRE(lines.size() == 1);
    CHECK(lines.front().starts_with("2 error"));
  }
}

}  // namespace gnomon::testing
