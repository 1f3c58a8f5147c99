// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/core_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/os/file.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using ipc::FileKind;
using launcher::CoreFiles;

namespace {

struct Fixture {
  Fixture() {
    config.process.log_dir = folder.path();
    config.process.logs = {"tracking", "rawmeasurements"};
  }
  [[nodiscard]] CoreFiles files() const { return {config, ""}; }
  [[nodiscard]] std::string refusal(FileKind kind) const {
    const auto file = files().open(kind);
    return file ? "" : file.error();
  }
  testing::TemporaryFolder folder;
  config::Config config;
};

}  // namespace

TEST_CASE("a log is made readable for all, and appended to afterwards") {
  const Fixture f;
  const mode_t before = umask(0077);
  const auto first = f.files().open(FileKind::tracking_log);
  umask(before);
  REQUIRE(first);
  struct stat made{};
  REQUIRE(fstat(first->get(), &made) == 0);
  CHECK((made.st_mode & 0777) == 0644);
  REQUIRE(write(first->get(), "a\n", 2) == 2);
  const auto second = f.files().open(FileKind::tracking_log);
  REQUIRE(second);
  REQUIRE(write(second->get(), "b\n", 2) == 2);
  CHECK(base::read_file(f.folder / "tracking.log").value() == "a\nb\n");
}

TEST_CASE("rawmeasurements go to the file of measurements") {
  const Fixture f;
  REQUIRE(f.files().open(FileKind::measurements_log));
  CHECK(std::filesystem::exists(f.folder / "measurements.log"));
}

TEST_CASE("only what the configuration names is opened") {
  const Fixture f;
  CHECK(f.refusal(FileKind::statistics_log) == "the configuration does not name it");
  CHECK(f.refusal(FileKind::sensor) == "the configuration does not name it");
  CHECK_FALSE(std::filesystem::exists(f.folder / "statistics.log"));
}

TEST_CASE("nothing but a regular file is a log") {
  const Fixture f;
  const auto path = f.folder / "tracking.log";
  std::filesystem::create_symlink(f.folder / "elsewhere", path);
  CHECK(f.refusal(FileKind::tracking_log) == "a symbolic link is in its place");
  CHECK_FALSE(std::filesystem::exists(f.folder / "elsewhere"));
  std::filesystem::remove(path);
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  CHECK(f.refusal(FileKind::tracking_log).starts_with("open: No such device or address; "));
  const base::Fd reader{open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  CHECK(f.refusal(FileKind::tracking_log) == "it is not a regular file");
}

TEST_CASE("a directory that is gone is the reason") {
  Fixture f;
  f.config.process.log_dir = f.folder / "gone";
  CHECK(f.refusal(FileKind::tracking_log).starts_with("open: No such file or directory; create "));
}

TEST_CASE("the files of tempcomp are read") {
  Fixture f;
  f.config.hardware.temperature = config::TemperatureCompensation{.sensor_file = f.folder / "temperature",
                                                                  .point_file = f.folder / "points"};
  CHECK_FALSE(f.refusal(FileKind::sensor).empty());
  REQUIRE(base::write_file_atomically(f.folder / "temperature", "26000\n"));
  const auto file = f.files().open(FileKind::sensor);
  REQUIRE(file);
  CHECK(base::read_to_end(file->get()).value() == "26000\n");
  CHECK(write(file->get(), "x", 1) < 0);
  REQUIRE(base::write_file_atomically(f.folder / "points", "20000 1\n"));
  CHECK(f.refusal(FileKind::temperature_points).empty());
}
