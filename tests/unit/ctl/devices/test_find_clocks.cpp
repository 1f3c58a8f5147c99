// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/devices/find_clocks.hpp"

#include <filesystem>
#include <fstream>

#include "ctl/refclocks.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace gnomon::testing {

using namespace ctl;

namespace {

struct Machine {
  TemporaryFolder root;
  void put(const std::string& path, const std::string& text) const {
    const std::filesystem::path file{root / path};
    std::filesystem::create_directories(file.parent_path());
    std::ofstream{file} << text << '\n';
  }
};

}  // namespace

TEST_CASE("a machine without reference clocks has none") {
  const Machine machine;
  const auto found = find_clocks(machine.root.path());
  CHECK(found.empty());
  CHECK(render_refclocks(refclocks_reply(found), {}).starts_with("This machine shows no PPS source"));
}

TEST_CASE("what the kernel knows is listed with a line of configuration each") {
  const Machine machine;
  machine.put("sys/class/pps/pps0/name", "serial0");
  machine.put("sys/class/pps/pps0/path", "/dev/ttyS0");
  machine.put("sys/class/ptp/ptp0/clock_name", "KVM virtual PTP");
  machine.put("sys/class/ptp/ptp1/clock_name", "igb");
  machine.put("sys/class/ptp/ptp1/device/net/eth0/mtu", "1500");
  machine.put("sys/class/rtc/rtc0/name", "rtc_cmos rtc_cmos");
  machine.put("proc/4711/comm", "gpsd");
  machine.put("proc/sysvipc/shm",
              "       key      shmid perms                  size  cpid  lpid nattch   uid   gid\n"
              "1314148400          5   600                    96  4711  4711      2     0     0\n"
              "1314148500          6   666                    96  9999  9999      0  1000  1000\n"
              "       123          7   600                    96  4711  4711      2     0     0\n"
              "nonsense\n");
  const auto found = find_clocks(machine.root.path());
  REQUIRE(found.size() == 6);
  CHECK(found[0].name == "serial0 (/dev/ttyS0)");
  CHECK(found[0].line == "refclock PPS /dev/pps0 refid PPS poll 2");
  CHECK(found[1].line.starts_with("refclock PHC /dev/ptp0 refid KVM"));
  CHECK(found[2].name == "igb (eth0)");
  CHECK(found[2].line.ends_with("tai"));
  CHECK(found[3].line == "refclock RTC /dev/rtc0:utc refid RTC noselect");
  CHECK(found[4].name == "gpsd, mode 600, of user 0, 2 attached");
  CHECK(found[4].line == "refclock SHM 0 refid SHM0");
  CHECK(found[5].name == "no process, mode 666, of user 1000, 0 attached");
  CHECK(found[5].line == "refclock SHM 100 refid S100");
  const auto text = render_refclocks(refclocks_reply(found), {});
  CHECK(text.contains("PHC  /dev/ptp1    igb (eth0)\n     refclock PHC /dev/ptp1"));
  CHECK(render_refclocks(refclocks_reply(found), {.csv = true}).contains("RTC,/dev/rtc0,rtc_cmos rtc_cmos,"));
}

}  // namespace gnomon::testing
