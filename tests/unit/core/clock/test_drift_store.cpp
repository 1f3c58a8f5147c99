// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/clock/drift_store.hpp"

#include <filesystem>

#include "base/os/file.hpp"
#include "daemon/core/engine/values/drift_file.hpp"
#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using core::DriftStore;
using testing::RememberingLog;
using testing::TemporaryFolder;

namespace {

using namespace std::chrono_literals;
constexpr base::MonoTime start{1000h};
constexpr base::Seconds hour{3600};

struct Fixture {
  RememberingLog log;
  TemporaryFolder folder;
  bool may_write_now = false;
  [[nodiscard]] std::string path() const { return folder / "drift"; }
  DriftStore store(base::Seconds interval = hour) { return {path(), interval, may_write_now, log}; }
  // Frequency in ppm; 0: no file.
  double written() const {
    const auto text = base::read_file(path());
    const auto drift = text ? engine::parse_drift(*text) : std::nullopt;
    return drift ? drift->drift.frequency.value : 0;
  }
};

engine::DriftFile drift(double ppm) {
  return {{ppm}, {0.5}};
}

constexpr auto unmarked = "           99.950000             0.010000\n";

}  // namespace

TEST_CASE("what a short run has learnt is written at its end") {
  Fixture f;
  auto store = f.store();
  store.offer(drift(7), start);
  CHECK(f.written() == 0);
  store.flush();
  CHECK(f.written() == 7);
  const auto next_run = f.store();
  CHECK(next_run.initial().value_or(drift(0)).frequency.value == 7);
}

TEST_CASE("whether there was a file is known, for who would only make a new one") {
  Fixture f;
  CHECK(f.store().was_missing());
  REQUIRE(base::write_file_atomically(f.path(), "not a drift", 0644));
  CHECK_FALSE(f.store().was_missing());
}

TEST_CASE("a run that learnt nothing leaves the file as it is") {
  Fixture f;
  REQUIRE(base::write_file_atomically(f.path(), engine::to_text(drift(3)), 0644));
  auto store = f.store();
  store.flush();
  CHECK(f.written() == 3);
}

TEST_CASE("the file is written early once, and then every interval") {
  Fixture f;
  auto store = f.store();
  store.offer(drift(1), start);
  store.offer(drift(2), start + 9min);
  CHECK(f.written() == 0);
  store.offer(drift(3), start + 10min);
  CHECK(f.written() == 3);
  store.offer(drift(4), start + 69min);
  CHECK(f.written() == 3);
  store.offer(drift(5), start + 70min);
  CHECK(f.written() == 5);
}

TEST_CASE("with interval 0 only the end writes the file") {
  Fixture f;
  auto store = f.store(base::Seconds{0});
  store.offer(drift(1), start);
  store.offer(drift(2), start + 100h);
  CHECK(f.written() == 0);
  store.flush();
  CHECK(f.written() == 2);
}

TEST_CASE("a file of chrony's is taken as it is, and marked at once") {
  Fixture f;
  REQUIRE(base::write_file_atomically(f.path(), unmarked, 0644));
  f.may_write_now = true;
  CHECK(f.store().initial().value().frequency.value == 99.95);
  CHECK(f.log.events == std::vector{base::LogEvent::drift_file_adopted});
  REQUIRE(base::write_file_atomically(f.folder / "gnomon.time", "1\n", 0644));
  CHECK(f.store().initial().value().frequency.value == 99.95);
  CHECK(f.log.events.size() == 1);
}

TEST_CASE("whatever else is there and however old it is, a file of chrony's is taken as it is") {
  Fixture f;
  REQUIRE(base::write_file_atomically(f.path(), unmarked, 0644));
  REQUIRE(base::write_file_atomically(f.folder / "gnomon.time", "1700000000\n", 0644));
  std::filesystem::last_write_time(f.path(), std::filesystem::file_time_type::clock::now() - 24h);
  CHECK(f.store().initial().value().frequency.value == 99.95);
}

TEST_CASE("who does not steer leaves an unmarked file as it is") {
  Fixture f;
  REQUIRE(base::write_file_atomically(f.path(), unmarked, 0644));
  CHECK(f.store().initial().value().frequency.value == 99.95);
  CHECK(base::read_file(f.path()).value() == unmarked);
}
