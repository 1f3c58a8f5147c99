// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/clock/leap_store.hpp"

#include "base/os/file.hpp"
#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using core::LeapStore;
using testing::RememberingLog;
using testing::TemporaryFolder;

namespace {

using namespace std::chrono_literals;

constexpr base::RealTime expiry{1'782'604'800s};  // 3991593600 since 1900, 2026-06-28

struct Fixture {
  RememberingLog log;
  TemporaryFolder folder;
  config::ClockSettings clock;
  Fixture() { clock.leap_list = folder / "list"; }
  void write(const std::string& last_line) const {
    REQUIRE(
        base::write_file_atomically(clock.leap_list, "#@ 3991593600\n2272060800 10\n" + last_line + "\n"));
  }
  [[nodiscard]] bool said(const std::string& words) const {
    return std::ranges::any_of(log.lines,
                               [&](const auto& line) { return line.find(words) != std::string::npos; });
  }
};

}  // namespace

TEST_CASE("a list is read, and read again when it has changed") {
  Fixture f;
  f.write("3644697600 11");
  LeapStore store{f.clock, f.log};
  CHECK(store.configured());
  store.read(expiry - 24h * 100);
  CHECK(store.table().entries.size() == 2);
  CHECK(f.log.lines.size() == 1);
  store.read(expiry - 24h * 100);
  CHECK(f.log.lines.size() == 1);
  f.write("3644697600 11\n3692217600 12");
  store.read(expiry - 24h * 100);
  CHECK(store.table().entries.size() == 3);
}

TEST_CASE("a list that has become wrong is complained of, and what was known stays") {
  Fixture f;
  f.write("3644697600 11");
  LeapStore store{f.clock, f.log};
  store.read(expiry - 24h * 100);
  f.write("3644697600 garbage");
  store.read(expiry - 24h * 100);
  CHECK(f.said("line 3 is not understood"));
  CHECK(store.table().entries.size() == 2);
}

TEST_CASE("the end of a list is warned of a month before, and when it has come") {
  Fixture f;
  f.write("3644697600 11");
  LeapStore store{f.clock, f.log};
  store.read(expiry - 24h * 31);
  CHECK_FALSE(f.said("expires"));
  store.read(expiry - 24h * 10);
  CHECK(f.said("expires in 10 days"));
  store.read(expiry + 1h);
  CHECK(f.said("has expired and is not used"));
}

TEST_CASE("a time zone stands in for a list that cannot be read, and its name leads nowhere else") {
  Fixture f;
  f.clock.leap_timezone = "right/../../../etc/passwd";
  LeapStore bad{f.clock, f.log};
  CHECK(f.said("it is not the name of a time zone"));
  bad.read(expiry);
  CHECK(f.said("leapseclist"));
  CHECK(bad.table().entries.empty());
  CHECK(LeapStore::paths(f.clock).size() == 1);
  f.clock.leap_timezone = "UTC";
  CHECK(LeapStore::paths(f.clock).at(1) == "/usr/share/zoneinfo/UTC");
}
