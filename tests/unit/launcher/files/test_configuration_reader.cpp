// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/configuration_reader.hpp"

#include <fmt/format.h>

#include "base/os/file.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"
#include "tests/unit/virtual_clock.hpp"

using namespace gnomon;
using namespace std::chrono_literals;

namespace {

void never(base::Duration) {
  FAIL("nothing is to be waited for");
}

// A configuration file, and a clock that stands `later` than its last change.
struct Written {
  explicit Written(base::Duration later) {
    write("port 0\n");
    clock.set(changed() + later);
  }
  void write(const std::string& text) const { REQUIRE(base::write_file_atomically(path, text)); }
  [[nodiscard]] base::RealTime changed() const {
    const auto stamp = base::stamp_of(path);
    REQUIRE(stamp);
    return base::RealTime{std::chrono::seconds{stamp->changed_s} + base::Duration{stamp->changed_ns}};
  }
  [[nodiscard]] launcher::ConfigurationReader reader() const {
    return {{.config_file = path},
            {.config = {}, .lines = {{.place = {}, .text = "port 0"}}},
            config::real_files(),
            {}};
  }

  testing::TemporaryFolder folder;
  std::string path = folder / "gnomon.conf";
  testing::VirtualClock clock;
};

}  // namespace

TEST_CASE("a configuration that came through a pipe is not read again, and says so") {
  int reads = 0;
  config::FileAccess files;
  files.read = [&reads](const std::string&) {
    ++reads;
    return std::string{"port 0\n"};
  };
  launcher::ConfigurationReader reader{
      {.config_file = "/dev/stdin"}, {.config = {}, .lines = {}, .from_pipe = true}, files, {}};
  reader.read(testing::VirtualClock{}, never);
  REQUIRE(reader.errors().size() == 1);
  CHECK(reader.errors()[0].file == "/dev/stdin");
  CHECK(reader.errors()[0].message.starts_with("the configuration came through a pipe"));
  CHECK_FALSE(reader.use());
  CHECK(reads == 0);
}

TEST_CASE("files that have been left alone are read at once") {
  const Written file{1h};
  auto reader = file.reader();
  reader.read(file.clock, never);
  CHECK(reader.errors().empty());
  CHECK(reader.use());
}

TEST_CASE("a file that was changed just now is read when it has stayed the same for a while") {
  Written file{10ms};
  auto reader = file.reader();
  base::Duration waited{};
  reader.read(file.clock, [&](base::Duration time) {
    waited += time;
    file.write("port 1\n");
    file.clock.set(file.changed() + 1h);
  });
  CHECK(waited == 60ms);
  REQUIRE(reader.errors().empty());
  REQUIRE(reader.changes().size() == 1);
  CHECK(reader.changes()[0].line.text == "port 1");
}

TEST_CASE("files that change each time are not read, and the sentence says what to do") {
  Written file{10ms};
  auto reader = file.reader();
  int pauses = 0;
  reader.read(file.clock, [&](base::Duration) {
    file.write(fmt::format("port {}\n", ++pauses));
    file.clock.set(file.changed() + 10ms);
  });
  CHECK(pauses == 5);
  REQUIRE(reader.errors().size() == 1);
  CHECK(reader.errors()[0].message ==
        "the files change while they are read: reload once they have been written");
  CHECK_FALSE(reader.use());
}
