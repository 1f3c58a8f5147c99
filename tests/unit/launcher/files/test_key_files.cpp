// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/key_files.hpp"

#include <sys/stat.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/unit/catch.hpp"
#include "tests/unit/remembering_log.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using launcher::KeyFiles;
using testing::TemporaryFolder;

namespace {

config::Config with_key_file(const std::string& path) {
  config::Config config;
  config.process.key_file = path;
  return config;
}

}  // namespace

TEST_CASE("without directives there are no files and nothing is said") {
  testing::RememberingLog log;
  auto files = KeyFiles::of({});
  CHECK_FALSE(files.open_secret({}, log));
  CHECK_FALSE(files.open_symmetric_keys(log));
  CHECK_FALSE(files.secret_has_changed(base::MonoTime{1h}));
  CHECK_FALSE(files.next_look());
  CHECK(log.events.empty());
}

TEST_CASE("symmetric keys are passed on whoever may read them, with advice") {
  const TemporaryFolder folder;
  const auto path = folder / "keys";
  REQUIRE(base::write_file_atomically(path, "1 tulip\n", 0640));
  testing::RememberingLog log;
  auto files = KeyFiles::of(with_key_file(path));
  const auto file = files.open_symmetric_keys(log);
  REQUIRE(file);
  CHECK(base::read_to_end(file.get(), 100).value() == "1 tulip\n");
  CHECK(log.events.empty());
  REQUIRE(chmod(path.c_str(), 0644) == 0);
  CHECK(files.open_symmetric_keys(log));
  REQUIRE(log.events.size() == 1);
  CHECK(log.events.back() == base::LogEvent::symmetric_keys_exposed);
  CHECK(log.lines.back().contains("chmod 640"));
}

TEST_CASE("a missing file of symmetric keys is named") {
  const TemporaryFolder folder;
  testing::RememberingLog log;
  auto files = KeyFiles::of(with_key_file(folder / "none"));
  CHECK_FALSE(files.open_symmetric_keys(log));
  REQUIRE(log.events.size() == 1);
  CHECK(log.events.back() == base::LogEvent::symmetric_keys_unreadable);
  CHECK(log.lines.back().contains("(`keyfile`) in " + (folder / "none")));
  CHECK(log.lines.back().contains("No such file"));
}

TEST_CASE("a secret that keys follow from is opened though after a reload nobody is served") {
  const TemporaryFolder folder;
  const auto path = folder / "secret";
  REQUIRE(base::write_file_atomically(path, std::string(64, 'c'), 0600));
  testing::RememberingLog log;
  config::Config config;
  config.nts.key_secret_file = path;
  config.server.access = {base::AccessRule{.allow = true, .subnet = {}}};
  REQUIRE(config.serves_nts());
  auto files = KeyFiles::of(config);
  CHECK(files.open_secret({}, log));
  config.server.access.clear();
  files.follow(config);
  files.follow(config);
  CHECK(files.open_secret({}, log));
  config.nts.key_secret_file.clear();
  files.follow(config);
  CHECK_FALSE(files.wants_secret());
  CHECK(log.lines.empty());
}

TEST_CASE("a daemon that serves no cookies wants no secret") {
  testing::RememberingLog log;
  config::Config config;
  config.nts.key_secret_file = "/secret";
  auto files = KeyFiles::of(config);
  CHECK_FALSE(files.open_secret({}, log));
  CHECK(log.events.empty());
}
