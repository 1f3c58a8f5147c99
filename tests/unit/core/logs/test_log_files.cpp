// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/logs/log_files.hpp"

#include <fcntl.h>

#include <filesystem>
#include <vector>

#include "base/os/file.hpp"
#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using core::LogFiles;
using ipc::FileKind;
using testing::RememberingLog;
using testing::TemporaryFolder;

namespace {

using namespace std::chrono_literals;
constexpr base::MonoTime start{1000h};
constexpr engine::TrackingRecord tracking{};

// The launcher's part is played by the test: what was asked for is answered when it says so.
struct Fixture {
  explicit Fixture(std::vector<std::string> names) {
    settings.log_dir = folder.path();
    settings.logs = std::move(names);
    settings.log_banner = 0;
  }
  [[nodiscard]] LogFiles files() {
    return {settings, log, [this](FileKind kind) { asked.push_back(kind); }};
  }
  [[nodiscard]] base::Fd open(const std::string& name) const {
    return base::Fd{::open((folder / name).c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)};
  }
  [[nodiscard]] std::size_t lines(const std::string& name) const {
    const auto text = base::read_file(folder / name).value_or("");
    return static_cast<std::size_t>(std::ranges::count(text, '\n'));
  }
  RememberingLog log;
  TemporaryFolder folder;
  config::ProcessSettings settings;
  std::vector<FileKind> asked;
};

}  // namespace

TEST_CASE("a log is asked for with its first line, once, and gets all that came meanwhile") {
  Fixture f({"tracking"});
  auto files = f.files();
  CHECK(files.used());
  CHECK(f.asked.empty());
  files.write(tracking, start);
  files.write(tracking, start);
  REQUIRE(f.asked == std::vector{FileKind::tracking_log});
  files.opened(FileKind::tracking_log, f.open("tracking.log"), "", start);
  CHECK(f.lines("tracking.log") == 2);
  files.write(tracking, start);
  CHECK(f.lines("tracking.log") == 3);
  CHECK(f.log.lines.empty());
}

TEST_CASE("what was not asked for is not written") {
  Fixture f({"tracking"});
  auto files = f.files();
  files.write(engine::StatisticsRecord{}, start);
  CHECK(f.asked.empty());
}

TEST_CASE("measurements has what passed the tests, rawmeasurements everything") {
  engine::MeasurementRecord bad{.tests = engine::packet_test::valid};
  engine::MeasurementRecord good{.tests = engine::packet_test::fit};
  Fixture f({"measurements"});
  auto files = f.files();
  files.write(bad, start);
  CHECK(f.asked.empty());
  files.write(good, start);
  CHECK(f.asked == std::vector{FileKind::measurements_log});
  Fixture raw({"measurements", "rawmeasurements"});
  auto all = raw.files();
  all.write(bad, start);
  CHECK(raw.asked == std::vector{FileKind::measurements_log});
}

TEST_CASE("after cyclelogs the next line goes to a new file") {
  Fixture f({"tracking"});
  auto files = f.files();
  files.write(tracking, start);
  files.opened(FileKind::tracking_log, f.open("tracking.log"), "", start);
  std::filesystem::rename(f.folder / "tracking.log", f.folder / "tracking.log.1");
  files.write(tracking, start);
  files.cycle();
  files.write(tracking, start);
  CHECK(f.asked.size() == 2);
  files.opened(FileKind::tracking_log, f.open("tracking.log"), "", start);
  CHECK(f.lines("tracking.log.1") == 2);
  CHECK(f.lines("tracking.log") == 1);
}

TEST_CASE("a log that cannot be opened is one message, tried again now and then, and ends with a message") {
  Fixture f({"tracking"});
  auto files = f.files();
  files.write(tracking, start);
  files.opened(FileKind::tracking_log, {}, "open: No such file or directory", start);
  files.write(tracking, start + 1s);
  CHECK(f.asked.size() == 1);
  files.write(tracking, start + 11s);
  CHECK(f.asked.size() == 2);
  files.opened(FileKind::tracking_log, {}, "open: No such file or directory", start + 11s);
  REQUIRE(f.log.lines.size() == 1);
  CHECK(f.log.lines[0].find("tracking.log: open: No such file or directory") != std::string::npos);
  files.write(tracking, start + 22s);
  files.opened(FileKind::tracking_log, f.open("tracking.log"), "", start + 22s);
  CHECK(f.lines("tracking.log") == 4);
  REQUIRE(f.log.lines.size() == 2);
  CHECK(f.log.lines[1].find("0 lines were lost") != std::string::npos);
}

TEST_CASE("a full disk is one message, and the lines come when there is room") {
  Fixture f({"tracking"});
  auto files = f.files();
  files.write(tracking, start);
  files.opened(FileKind::tracking_log, base::Fd{::open("/dev/full", O_WRONLY | O_CLOEXEC)}, "", start);
  files.write(tracking, start);
  CHECK(f.log.lines.size() == 1);
  files.cycle();
  files.write(tracking, start);
  files.opened(FileKind::tracking_log, f.open("tracking.log"), "", start);
  CHECK(f.lines("tracking.log") == 3);
  CHECK(f.log.lines.size() == 2);
}

TEST_CASE("a file that was removed is asked for again") {
  Fixture f({"tracking"});
  auto files = f.files();
  files.write(tracking, start);
  files.opened(FileKind::tracking_log, f.open("tracking.log"), "", start);
  std::filesystem::remove(f.folder / "tracking.log");
  files.write(tracking, start);
  CHECK(f.asked.size() == 2);
  files.opened(FileKind::tracking_log, f.open("tracking.log"), "", start);
  CHECK(f.lines("tracking.log") == 1);
}

TEST_CASE("logs without a directory are named") {
  Fixture f({"tracking"});
  f.settings.log_dir.clear();
  auto files = f.files();
  CHECK_FALSE(files.used());
  REQUIRE(f.log.lines.size() == 1);
  files.write(tracking, start);
  CHECK(f.asked.empty());
}
