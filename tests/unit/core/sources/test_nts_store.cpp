// SPDX-License-Identifier: GPL-2.0-or-later
// Files in which NTS sources and the core keep things over a restart.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "daemon/core/clock/saved_time.hpp"
#include "daemon/core/sources/nts_store.hpp"
#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using core::NtsStore;
using core::SavedTime;
using testing::RememberingLog;
using testing::TemporaryFolder;

namespace {

const auto server = *base::parse_address("192.0.2.1");

engine::NtsMemory some_memory() {
  engine::NtsMemory memory;
  memory.ke_server = server;
  protocol::CookieFile file;
  file.name = "time.example";
  file.established = base::RealTime{std::chrono::seconds{1'795'424'400}};
  file.ntp = {server, 123};
  file.context = 1;
  file.keys = {protocol::AeadId::aes_128_gcm_siv, base::Secret{base::Buffer(16, 1)},
               base::Secret{base::Buffer(16, 2)}};
  file.cookies = {base::Buffer(64, 3)};
  memory.cookies = std::move(file);
  memory.back_off = engine::KeBackOff{"time.example", 3, std::chrono::seconds{64},
                                      base::RealTime{std::chrono::seconds{1'795'424'400}}};
  return memory;
}

void write(const std::string& path, const std::string& text) {
  std::ofstream{path} << text;
}

}  // namespace

TEST_CASE("what is kept of an NTS-KE server is found again, readable by its owner alone") {
  const TemporaryFolder folder;
  RememberingLog log;
  NtsStore store{folder.path(), log};
  store.keep(some_memory());
  const auto path = folder.path() + "/192.0.2.1.nts";
  struct stat status{};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600);
  const auto kept = NtsStore{folder.path(), log}.load_kept(server);
  REQUIRE(kept.cookies);
  CHECK(kept.cookies->name == "time.example");
  REQUIRE(kept.cookies->cookies.size() == 1);
  CHECK(kept.cookies->cookies[0] == base::Buffer(64, 3));
  REQUIRE(kept.back_off);
  CHECK(kept.back_off->attempts == 3);
  CHECK(log.lines.empty());
}

TEST_CASE("reading does not take the file away, having nothing to keep does") {
  const TemporaryFolder folder;
  RememberingLog log;
  NtsStore store{folder.path(), log};
  store.keep(some_memory());
  CHECK(store.load_kept(server).cookies);
  CHECK(store.load_kept(server).cookies);
  store.keep({.ke_server = server, .cookies = {}, .back_off = {}});
  CHECK(std::filesystem::is_empty(folder.path()));
  CHECK_FALSE(store.load_kept(server).cookies);
  CHECK(log.lines.empty());
}

TEST_CASE("a damaged file is named with what is wrong, and does no harm") {
  const TemporaryFolder folder;
  RememberingLog log;
  write(folder.path() + "/192.0.2.1.nts", "NNC0\ntime.example\n");
  write(folder.path() + "/192.0.2.1.ke", "anything");
  const auto kept = NtsStore{folder.path(), log}.load_kept(server);
  CHECK_FALSE(kept.cookies);
  CHECK_FALSE(kept.back_off);
  CHECK(
      log.says(folder.path() + "/192.0.2.1.nts are not used: line 2: the file ends before the first cookie"));
  CHECK(log.says("192.0.2.1.ke is not understood"));
}

TEST_CASE("a folder that cannot be written is told once, and none at all is nothing to tell") {
  RememberingLog log;
  NtsStore store{"/nonexistent", log};
  store.keep(some_memory());
  const auto told = log.lines.size();
  CHECK(told > 0);
  CHECK(log.says("create /nonexistent, owned by the daemon's user"));
  store.keep(some_memory());
  CHECK(log.lines.size() == told);
  NtsStore nowhere{"", log};
  nowhere.keep(some_memory());
  CHECK_FALSE(nowhere.load_kept(server).cookies);
  CHECK(log.lines.size() == told);
}

TEST_CASE("the time saved is the time read, to the second; anything else is no time") {
  const TemporaryFolder folder;
  RememberingLog log;
  const auto path = folder.path() + "/gnomon.time";
  const base::RealTime built{std::chrono::seconds{1'795'400'000}};
  CHECK_FALSE(SavedTime(path, built, log).initial());
  CHECK(log.lines.empty());
  SavedTime{path, built, log}.save(base::RealTime{std::chrono::milliseconds{1'795'424'400'900}});
  CHECK(SavedTime(path, built, log).initial() == base::RealTime{std::chrono::seconds{1'795'424'400}});
  for (const auto* text : {"", "soon\n", "-5\n", "99999999999\n", "1795424400", "1795424400 or so\n"}) {
    write(path, text);
    CHECK_FALSE(SavedTime(path, built, log).initial());
  }
  CHECK(log.says("is not understood"));
  CHECK_FALSE(SavedTime("", built, log).initial());
}

TEST_CASE("the time saved advances by a day at a time, and goes back with what the sources tell") {
  using std::chrono::hours;
  const TemporaryFolder folder;
  RememberingLog log;
  const auto path = folder.path() + "/gnomon.time";
  const base::RealTime built{std::chrono::seconds{1'795'400'000}};
  const auto saved = [&] { return SavedTime(path, built, log).initial().value() - built; };
  SavedTime time{path, built, log};
  time.save(built + hours{24 * 3650});
  CHECK(saved() == hours{24});
  time.save(built + hours{24 * 3650});
  CHECK(saved() == hours{48});
  SavedTime next{path, built, log};
  next.save(built + hours{24 * 3650});
  CHECK(saved() == hours{72});
  next.save(built + hours{5});
  CHECK(saved() == hours{5});
}
