// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/clock/temperature_watch.hpp"

#include <fcntl.h>

#include "base/os/file.hpp"
#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using core::TemperatureWatch;
using ipc::FileKind;
using testing::RememberingLog;
using testing::TemporaryFolder;

namespace {

constexpr base::RealTime now{std::chrono::hours{1}};

struct Fixture {
  explicit Fixture(bool with_points = false) {
    settings.sensor_file = folder / "sensor";
    if (with_points) settings.point_file = folder / "points";
  }
  [[nodiscard]] TemperatureWatch watch() {
    return {settings, log, [this](FileKind kind) { asked.push_back(kind); }};
  }
  // As the launcher answers when that is in the file.
  [[nodiscard]] std::optional<engine::TemperatureRecord> reads(TemperatureWatch& watch,
                                                               const std::string& text,
                                                               FileKind kind = FileKind::sensor) {
    REQUIRE(base::write_file_atomically(folder / "file", text));
    const base::Fd file{open((folder / "file").c_str(), O_RDONLY | O_CLOEXEC)};
    return watch.opened(kind, file, "", now);
  }
  RememberingLog log;
  TemporaryFolder folder;
  config::TemperatureCompensation settings{.t0 = 20, .k1 = {0.5}};
  std::vector<FileKind> asked;
};

}  // namespace

TEST_CASE("a reading of the sensor is a compensation") {
  Fixture f;
  auto watch = f.watch();
  CHECK_FALSE(watch.last_record(now));
  watch.look();
  CHECK(f.asked == std::vector{FileKind::sensor});
  const auto read = f.reads(watch, "24\n");
  REQUIRE(read);
  CHECK(read->temperature == 24);
  CHECK(read->compensation.value == 2);
  CHECK(read->time == now);
  CHECK(f.log.lines.empty());
  const auto last = watch.last_record(now + std::chrono::seconds{5});
  REQUIRE(last);
  CHECK(last->temperature == 24);
  CHECK(last->time == now + std::chrono::seconds{5});
}

TEST_CASE("a sensor that is gone or gives nonsense is one message, and so is its return") {
  Fixture f;
  auto watch = f.watch();
  CHECK_FALSE(watch.opened(FileKind::sensor, {}, "No such file or directory", now));
  CHECK_FALSE(f.reads(watch, "warm\n"));
  CHECK_FALSE(f.reads(watch, "1000\n"));
  REQUIRE(f.log.lines.size() == 1);
  CHECK(f.log.says("Could not read temperature from " + f.settings.sensor_file + ": No such file"));
  CHECK(f.reads(watch, "20\n"));
  CHECK(f.log.lines.size() == 2);
  CHECK_FALSE(f.reads(watch, "1000\n"));
  CHECK(f.log.says("Temperature compensation of 490.000 ppm exceeds sanity limit of 10.0"));
}

TEST_CASE("points are read first, once") {
  Fixture f(true);
  auto watch = f.watch();
  watch.look();
  CHECK(f.asked == std::vector{FileKind::temperature_points});
  CHECK_FALSE(f.reads(watch, "0 0\n10 1\n", FileKind::temperature_points));
  CHECK(f.asked.back() == FileKind::sensor);
  CHECK(f.reads(watch, "5\n")->compensation.value == 0.5);
  watch.look();
  CHECK(f.asked.back() == FileKind::sensor);
}

TEST_CASE("without its points there is no compensation, and the file is tried again") {
  Fixture f(true);
  auto watch = f.watch();
  CHECK_FALSE(f.reads(watch, "0 0\n", FileKind::temperature_points));
  CHECK(f.log.says("there are fewer than two points"));
  watch.look();
  CHECK(f.asked == std::vector{FileKind::temperature_points});
}

TEST_CASE("an interval of nothing is a second, as chronyd has it") {
  Fixture f;
  CHECK(f.watch().interval() == std::chrono::seconds{1});
  f.settings.interval = base::Seconds{30};
  CHECK(f.watch().interval() == std::chrono::seconds{30});
}
