// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/key_store.hpp"

#include <sys/stat.h>

#include "base/os/file.hpp"
#include "tests/unit/core/surroundings.hpp"

using namespace gnomon;
using core::KeyStore;
using tests::RememberingLog;
using tests::TemporaryFolder;

namespace {

using namespace std::chrono_literals;
constexpr base::MonoTime start{1000h};
constexpr base::Seconds week{604800};

std::uint32_t current_id(const KeyStore& store) {
  return store.keys().keys.at(store.keys().current).id;
}

// The key made ahead stands in the slot after the current one.
std::uint32_t prepared_id(const KeyStore& store) {
  return store.keys().keys.at((store.keys().current + 1U) % protocol::KeySet::slots).id;
}

bool same_keys(const KeyStore& a, const KeyStore& b) {
  for (std::size_t i = 0; i < protocol::KeySet::slots; ++i)
    if (a.keys().keys.at(i).id != b.keys().keys.at(i).id ||
        !(a.keys().keys.at(i).key == b.keys().keys.at(i).key))
      return false;
  return a.keys().current == b.keys().current;
}

std::string text_of(const TemporaryFolder& folder) {
  const auto text = base::read_file(folder / "ntskeys");
  REQUIRE(text);
  return *text;
}

}  // namespace

TEST_CASE("keys survive a restart, and so does their age") {
  const TemporaryFolder folder;
  RememberingLog log;
  const KeyStore first{{.directory = folder.path(), .rotation = week}, log, start};
  CHECK(first.next_rotation() == start + 168h);
  first.save(start + 10h);
  const KeyStore second{{.directory = folder.path(), .rotation = week}, log, start};
  CHECK(same_keys(first, second));
  CHECK(second.next_rotation() == start + 158h);
}

TEST_CASE("the key file is written at once and readable by its owner only") {
  const TemporaryFolder folder;
  RememberingLog log;
  const KeyStore store{{.directory = folder.path(), .rotation = week}, log, start};
  struct stat file{};
  REQUIRE(stat((folder / "ntskeys").c_str(), &file) == 0);
  CHECK((file.st_mode & 0777U) == 0600U);
  CHECK(text_of(folder).starts_with("NKS1\n"));
}

TEST_CASE("rotation makes the key of tomorrow the key of today and saves") {
  const TemporaryFolder folder;
  RememberingLog log;
  KeyStore store{{.directory = folder.path(), .rotation = week}, log, start};
  const auto before = text_of(folder);
  const auto prepared = prepared_id(store);
  store.rotate(start + 168h);
  CHECK(current_id(store) == prepared);
  CHECK(store.next_rotation() == start + 336h);
  CHECK(text_of(folder) != before);
}

TEST_CASE("a key that became too old while the daemon was down is rotated at start") {
  const TemporaryFolder folder;
  RememberingLog log;
  const KeyStore first{{.directory = folder.path(), .rotation = week}, log, start};
  first.save(start + 200h);
  const KeyStore second{{.directory = folder.path(), .rotation = week}, log, start};
  CHECK(current_id(second) == prepared_id(first));
}

TEST_CASE("a damaged key file is reported and replaced") {
  const TemporaryFolder folder;
  RememberingLog log;
  REQUIRE(base::write_file_atomically(folder / "ntskeys", "NKS1\nnonsense\n", 0600));
  const KeyStore store{{.directory = folder.path(), .rotation = week}, log, start};
  CHECK(log.says("are damaged"));
  CHECK(text_of(folder).find("nonsense") == std::string::npos);
}

TEST_CASE("keys managed elsewhere are read at start and on order, and never written") {
  const TemporaryFolder folder;
  RememberingLog log;
  KeyStore store{{.directory = folder.path(), .rotation = base::Seconds{0}}, log, start};
  CHECK(log.says("Could not read the server keys"));
  CHECK_FALSE(std::filesystem::exists(folder / "ntskeys"));
  CHECK_FALSE(store.next_rotation());
  CHECK_FALSE(store.reload(start));

  const TemporaryFolder elsewhere;
  const KeyStore manager{{.directory = elsewhere.path(), .rotation = week}, log, start};
  REQUIRE(base::write_file_atomically(folder / "ntskeys", text_of(elsewhere), 0600));
  CHECK(store.reload(start));
  CHECK(same_keys(store, manager));
  const auto before = text_of(folder);
  store.save(start + 10h);
  CHECK(text_of(folder) == before);
}

TEST_CASE("without a folder the keys live in memory, with a warning") {
  RememberingLog log;
  const KeyStore store{{.directory = "", .rotation = week}, log, start};
  CHECK(log.says("No ntsdumpdir to save server keys"));
  CHECK(store.keys().keys.at(0).key.size() > 0);
}

TEST_CASE("a folder that cannot be written is an error in the log, not the end") {
  RememberingLog log;
  const KeyStore store{{.directory = "/proc/nowhere", .rotation = week}, log, start};
  CHECK(log.says("Could not save the server keys in /proc/nowhere/ntskeys"));
}
