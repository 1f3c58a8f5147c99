// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/rtc.hpp"

#include <fstream>
#include <vector>

#include "tests/unit/catch.hpp"
#include "tests/unit/remembering_log.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using launcher::open_rtc;

namespace {

struct Fixture {
  testing::TemporaryFolder folder;
  config::Config config;
  config::CommandLine options;
  testing::RememberingLog log;

  std::string write(const std::string& name, const std::string& text) {
    auto path = folder / name;
    std::ofstream{path} << text;
    return path;
  }
};

}  // namespace

TEST_CASE("a real-time clock that nobody asks for is not opened") {
  Fixture f;
  f.config.hardware.rtc_device = f.write("rtc", "");
  CHECK_FALSE(open_rtc(f.config, f.options, f.log).device);
  f.config.hardware.rtc_file = f.write("rtcfile", "1 1000 2 3\n");
  f.options.mode = config::RunMode::set_once;
  CHECK_FALSE(open_rtc(f.config, f.options, f.log).device);
  CHECK(f.log.events.empty());
}

TEST_CASE("with -s, its error is what the rtcfile says; with rtcfile alone, it is measured") {
  Fixture f;
  f.config.hardware.rtc_device = f.write("rtc", "");
  f.config.hardware.rtc_file = f.write("rtcfile", "1 1000 2 3\n");
  auto rtc = open_rtc(f.config, f.options, f.log);
  CHECK(rtc.device);
  CHECK(rtc.tracked);
  CHECK_FALSE(rtc.error);
  f.options.set_from_rtc = true;
  rtc = open_rtc(f.config, f.options, f.log);
  REQUIRE(rtc.error);
  CHECK(rtc.error->fast == base::Seconds{2});
  f.options.no_clock_control = true;
  CHECK_FALSE(open_rtc(f.config, f.options, f.log).error);
  f.options.no_clock_control = false;
  f.config.hardware.rtc_file.clear();
  rtc = open_rtc(f.config, f.options, f.log);
  CHECK(rtc.device);
  CHECK_FALSE(rtc.tracked);
  CHECK(f.log.events.empty());
}

TEST_CASE("what cannot be opened or understood is said, and the rest is used") {
  Fixture f;
  f.options.set_from_rtc = true;
  f.config.hardware.rtc_file = f.write("rtcfile", "nothing of the kind\n");
  f.config.hardware.rtc_on_utc = true;
  f.config.hardware.rtc_device = f.folder / "missing";
  CHECK_FALSE(open_rtc(f.config, f.options, f.log).device);
  CHECK(f.log.events == std::vector{base::LogEvent::rtc_unreadable});
  f.log.events.clear();
  f.config.hardware.rtc_device = f.write("rtc", "");
  auto rtc = open_rtc(f.config, f.options, f.log);
  CHECK(rtc.on_utc);
  CHECK_FALSE(rtc.error);
  CHECK(f.log.events == std::vector{base::LogEvent::rtc_file_unusable});
  f.log.events.clear();
  f.write("rtcfile", "1 1 1 1");
  CHECK(open_rtc(f.config, f.options, f.log).error);
  CHECK(f.log.events.empty());
}
