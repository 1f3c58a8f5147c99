// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/clock/dump_store.hpp"

#include <filesystem>
#include <fstream>

#include "base/os/clocks.hpp"
#include "daemon/core/engine/discipline/history.hpp"
#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using core::DumpStore;

namespace {

engine::SourceTraits source(const std::string& name = "ntp.example", bool authenticated = false) {
  engine::SourceTraits traits{.address = *base::parse_address("192.0.2.1"), .authenticated = authenticated};
  traits.source.name = name;
  return traits;
}

engine::Dump some_dump(base::Duration age = 10ms) {
  engine::Dump dump{.name = "ntp.example", .reach = 0377, .stratum = 2};
  dump.samples.push_back(
      {.time = base::read_now().real - age, .offset = base::Seconds{1e-6}, .delay = base::Seconds{1e-3}});
  return dump;
}

bool is_empty(const testing::TemporaryFolder& folder) {
  return std::filesystem::is_empty(folder.path());
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream{path} << text;
}

}  // namespace

TEST_CASE("what one run saves, the next takes up once, and the files are gone") {
  const testing::TemporaryFolder folder;
  testing::RememberingLog log;
  const auto dump = some_dump();
  DumpStore{folder.path(), false, log, base::read_now()}.save(source(), dump);
  CHECK(std::filesystem::exists(std::filesystem::path{folder.path()} / "192.0.2.1.dat"));
  DumpStore next{folder.path(), true, log, base::read_now()};
  CHECK(is_empty(folder));
  CHECK(next.take(source()) == dump);
  CHECK(log.says("Loaded dump file for 192.0.2.1"));
  CHECK_FALSE(next.take(source()));
}

TEST_CASE("without -r the files are removed unread, and nothing else is") {
  const testing::TemporaryFolder folder;
  const std::filesystem::path path{folder.path()};
  testing::RememberingLog log;
  DumpStore{folder.path(), false, log, base::read_now()}.save(source(), some_dump());
  write(path / "refid:50505300.dat", "SRC0\n");
  write(path / "2001:db8::1.dat", "SRC0\n");
  write(path / "refid:5050.dat", "");
  write(path / "measurements.dat", "");
  write(path / "192.0.2.1.nts", "");
  DumpStore next{folder.path(), false, log, base::read_now()};
  CHECK_FALSE(next.take(source()));
  CHECK(log.lines.empty());
  CHECK_FALSE(std::filesystem::exists(path / "192.0.2.1.dat"));
  CHECK_FALSE(std::filesystem::exists(path / "2001:db8::1.dat"));
  CHECK_FALSE(std::filesystem::exists(path / "refid:50505300.dat"));
  CHECK(std::filesystem::exists(path / "refid:5050.dat"));
  CHECK(std::filesystem::exists(path / "measurements.dat"));
  CHECK(std::filesystem::exists(path / "192.0.2.1.nts"));
}

TEST_CASE("what is garbage, for another source or from the future is refused with a reason") {
  const testing::TemporaryFolder folder;
  testing::RememberingLog log;
  DumpStore writer{folder.path(), false, log, base::read_now()};
  SECTION("garbage") {
    write(std::filesystem::path{folder.path()} / "192.0.2.1.dat", "once upon a time\n");
    DumpStore next{folder.path(), true, log, base::read_now()};
    CHECK_FALSE(next.take(source()));
    CHECK(log.says("192.0.2.1.dat: it is not a dump of samples"));
  }
  SECTION("another name") {
    writer.save(source(), some_dump());
    DumpStore next{folder.path(), true, log, base::read_now()};
    CHECK_FALSE(next.take(source("other.example")));
    CHECK(log.says("a source with another name"));
  }
  SECTION("not authenticated then") {
    writer.save(source(), some_dump());
    DumpStore next{folder.path(), true, log, base::read_now()};
    CHECK_FALSE(next.take(source("ntp.example", true)));
    CHECK(log.says("was authenticated then and is not now, or vice versa"));
  }
  SECTION("from the future") {
    writer.save(source(), some_dump(-3600s));
    DumpStore next{folder.path(), true, log, base::read_now()};
    CHECK_FALSE(next.take(source()));
    CHECK(log.says("the clock has been set back since"));
  }
  CHECK(is_empty(folder));
}

TEST_CASE("a reference clock has a file of chrony's name, whatever a name stands in it") {
  const testing::TemporaryFolder folder;
  testing::RememberingLog log;
  engine::SourceTraits clock{.clock_id = base::reference_id("SHM0")};
  clock.source.name = "SHM0";
  auto dump = some_dump();
  dump.name = engine::name_in_dump(clock);
  CHECK(dump.name == ".");
  DumpStore{folder.path(), false, log, base::read_now()}.save(clock, dump);
  CHECK(std::filesystem::exists(std::filesystem::path{folder.path()} / "refid:53484d30.dat"));
  DumpStore next{folder.path(), true, log, base::read_now()};
  CHECK(is_empty(folder));
  CHECK(next.take(clock) == dump);
  CHECK(log.says("Loaded dump file for refid:53484d30"));
}

TEST_CASE("a directory that is not there is said when it is to be written") {
  testing::RememberingLog log;
  DumpStore store{"/nonexistent/folder", true, log, base::read_now()};
  CHECK(log.lines.empty());
  store.save(source(), some_dump());
  CHECK(log.says("Could not write the dump file /nonexistent/folder/192.0.2.1.dat"));
}
