// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/hwclock_file.hpp"

#include "base/os/file.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using launcher::apply_hwclock_file;
using launcher::runs_on_utc;

TEST_CASE("the third line of hwclock's file tells what the real-time clock shows") {
  CHECK(runs_on_utc("0.0 0 0.0\n0\nUTC\n") == true);
  CHECK(runs_on_utc("-1.5 1700000000 0.0\n1700000000\nLOCAL") == false);
}

TEST_CASE("anything else in hwclock's file tells nothing") {
  for (const char* const text :
       {"", "UTC", "0\n0\n", "0\n0\nutc\n", "0\n0\n UTC\n", "0\n0\nUTCX\n", "\n\n\nUTC\n"})
    CHECK_FALSE(runs_on_utc(text));
}

TEST_CASE("hwclock's file counts more than rtconutc, and says what is wrong with it") {
  const testing::TemporaryFolder folder;
  config::HardwareSettings settings{.rtc_on_utc = true};
  CHECK_FALSE(apply_hwclock_file(settings));
  settings.hwclock_file = folder / "adjtime";
  CHECK_FALSE(apply_hwclock_file(settings));  // hwclock was never used
  CHECK(settings.rtc_on_utc);
  REQUIRE(base::write_file_atomically(settings.hwclock_file, "0 0 0\n0\nLOCAL\n"));
  CHECK_FALSE(apply_hwclock_file(settings));
  CHECK_FALSE(settings.rtc_on_utc);
  REQUIRE(base::write_file_atomically(settings.hwclock_file, "0 0 0\n"));
  CHECK(apply_hwclock_file(settings) == "its third line is neither UTC nor LOCAL");
  settings.hwclock_file = folder.path();
  CHECK(apply_hwclock_file(settings));
}
