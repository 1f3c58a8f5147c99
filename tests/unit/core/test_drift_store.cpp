// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/drift_store.hpp"

#include "base/os/file.hpp"
#include "daemon/core/engine/drift_file.hpp"
#include "tests/unit/core/surroundings.hpp"

using namespace gnomon;
using core::DriftStore;
using tests::RememberingLog;
using tests::TemporaryFolder;

namespace {

using namespace std::chrono_literals;
constexpr base::MonoTime start{1000h};
constexpr base::Seconds hour{3600};

struct Fixture {
  RememberingLog log;
  TemporaryFolder folder;
  [[nodiscard]] std::string path() const { return folder / "drift"; }
  DriftStore store(base::Seconds interval = hour) { return {path(), interval, log}; }
  // Frequency in ppm; 0: no file.
  double written() const {
    const auto text = base::read_file(path());
    const auto drift = text ? engine::parse_drift(*text) : std::nullopt;
    return drift ? drift->frequency.value : 0;
  }
};

engine::DriftFile drift(double ppm) {
  return {{ppm}, {0.5}};
}

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
