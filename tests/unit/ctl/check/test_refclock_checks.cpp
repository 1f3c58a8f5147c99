// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/refclock_checks.hpp"

#include "tests/unit/ctl/check/findings.hpp"

namespace gnomon::testing {

namespace {

Lines found_in_lines(const std::string& text) {
  return found(ctl::check_reference_clocks, text);
}

}  // namespace

TEST_CASE("reference clocks that work together are silent") {
  CHECK(found_in_lines("refclock SHM 0 refid GPS noselect\nrefclock PPS /dev/pps0 lock GPS\n"
                       "refclock PPS /dev/pps0:clear refid PPSC\nrefclock SHM 1\nrefclock SOCK /run/a.sock\n"
                       "refclock SHM 2:perm=0644 lock SHM3\nserver a\n") == Lines{});
}

TEST_CASE("a device that only one can read is named where it is read again") {
  CHECK(
      found_in_lines("refclock SHM 0\nrefclock SHM 0:perm=0644\n") ==
      Lines{
          "2 error 0:perm=0644: SHM 0 is read by the line g.conf:1 already, and each sample comes to one of "
          "them alone"});
  CHECK(
      found_in_lines("refclock SOCK /run/a\nrefclock SOCK /run/a\n") ==
      Lines{"2 error /run/a: SOCK /run/a is read by the line g.conf:1 already, and each sample comes to one "
            "of them alone"});
}

TEST_CASE("a clock on TAI needs to know how far that is from UTC") {
  CHECK(found_in_lines("refclock PHC /dev/ptp0 tai\n") ==
        Lines{"1 error tai: 'tai' needs a table of leap seconds, and there is neither `leapseclist` nor "
              "`leapsectz`: the clock is not used"});
  CHECK(found_in_lines("refclock PHC /dev/ptp0 tai\nleapsectz right/UTC\n").empty());
  CHECK(found_in_lines("leapseclist /l\nrefclock PHC /dev/ptp0 tai\n").empty());
}

TEST_CASE("a socket by a relative path is named") {
  CHECK(found_in_lines("refclock SOCK gps.sock\n") ==
        Lines{"1 warning gps.sock: the path of the socket is relative to the directory in which gnomond is "
              "started"});
}

TEST_CASE("two clocks of one refid are named, given or by the driver") {
  CHECK(
      found_in_lines("refclock SHM 0 refid GPS\nrefclock SHM 1 refid GPS\n") ==
      Lines{
          "2 warning GPS: the reference clock of the line g.conf:1 has the refid GPS as well: commands, logs "
          "and dump files cannot tell the two apart"});
  CHECK(found_in_lines("refclock SHM 0\nrefclock PPS /dev/pps0 refid SHM0\n").size() == 1);
}

TEST_CASE("a clock that is to number its own pulses is named") {
  CHECK(found_in_lines("refclock PPS /dev/pps0 refid PPS lock PPS\n") ==
        Lines{"1 error PPS: the clock is to number its own pulses"});
}

}  // namespace gnomon::testing
