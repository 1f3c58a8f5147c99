// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/keys/key_store.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "base/os/file.hpp"
#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using core::KeyStore;
using testing::RememberingLog;
using testing::TemporaryFolder;

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

// While it lives no file can hold more octets: what a full disk is to who writes.
class FullDisk {
 public:
  FullDisk() {
    std::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(getrlimit(RLIMIT_FSIZE, &before_) == 0);
    const rlimit few{100, before_.rlim_max};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &few) == 0);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, SIG_DFL);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("keys survive a restart, and so does their age") {
  const TemporaryFolder folder;
  RememberingLog log;
  KeyStore first{{.directory = folder.path(), .rotation = week}, log, start};
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
  KeyStore first{{.directory = folder.path(), .rotation = week}, log, start};
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

TEST_CASE("a key file that cannot be read is not written over, but read later") {
  const TemporaryFolder folder;
  RememberingLog log;
  const KeyStore old{{.directory = folder.path(), .rotation = week}, log, start};
  const auto path = folder / "ntskeys";
  REQUIRE(rename(path.c_str(), (folder / "kept").c_str()) == 0);
  REQUIRE(symlink("ntskeys", path.c_str()) == 0);  // leads to itself
  KeyStore store{{.directory = folder.path(), .rotation = week}, log, start};
  CHECK(log.says("it is left as it is and tried again later"));
  CHECK_FALSE(same_keys(old, store));
  CHECK(store.is_unsaved());
  store.save(start);
  CHECK_FALSE(store.retry(start));
  REQUIRE(rename((folder / "kept").c_str(), path.c_str()) == 0);
  CHECK(store.retry(start));
  CHECK(same_keys(old, store));
  CHECK_FALSE(store.is_unsaved());
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

TEST_CASE("a file of keys managed elsewhere that is replaced is noticed once") {
  const TemporaryFolder folder;
  RememberingLog log;
  KeyStore store{{.directory = folder.path(), .rotation = base::Seconds{0}}, log, start};
  CHECK_FALSE(store.has_changed());
  const TemporaryFolder elsewhere;
  const KeyStore manager{{.directory = elsewhere.path(), .rotation = week}, log, start};
  REQUIRE(base::write_file_atomically(folder / "ntskeys", text_of(elsewhere), 0600));
  CHECK(store.has_changed());
  CHECK(store.reload(start));
  CHECK_FALSE(store.has_changed());
  CHECK(same_keys(store, manager));
  REQUIRE(base::write_file_atomically(folder / "ntskeys", "half of it", 0600));
  CHECK(store.has_changed());
  CHECK_FALSE(store.reload(start));
  CHECK(log.says("the keys in use stay; whoever manages the file must write it again"));
  CHECK_FALSE(store.has_changed());
  CHECK(same_keys(store, manager));
}

TEST_CASE("on a full disk the old file stays whole, the trouble is said once, and its end too") {
  const TemporaryFolder folder;
  RememberingLog log;
  KeyStore store{{.directory = folder.path(), .rotation = week}, log, start};
  const auto before = text_of(folder);
  {
    const FullDisk full;
    store.rotate(start + 168h);
    CHECK(store.is_unsaved());
    const auto said = log.lines.size();
    store.save(start + 169h);
    CHECK(log.lines.size() == said);
  }
  CHECK(text_of(folder) == before);
  CHECK_FALSE(std::filesystem::exists(folder / "ntskeys.tmp"));
  CHECK(log.says("Could not save the server keys"));
  store.save(start + 170h);
  CHECK_FALSE(store.is_unsaved());
  CHECK(log.says("are saved in"));
  CHECK(text_of(folder) != before);
}

TEST_CASE("two keys before the current open cookies, the third before does not") {
  RememberingLog log;
  KeyStore store{{.directory = "", .rotation = week}, log, start};
  const protocol::SessionKeys session{protocol::AeadId::aes_128_gcm_siv, base::Secret{base::Buffer(16, 1)},
                                      base::Secret{base::Buffer(16, 2)}};
  const protocol::CookieSealer first{store.keys()};
  base::Buffer cookie(first.cookie_size(session.aead));
  REQUIRE(first.seal(session, protocol::NonceEntropy{}, cookie));
  for (int rotations = 1; rotations <= 2; ++rotations) {
    store.rotate(start);
    CHECK(protocol::CookieSealer{store.keys()}.open(cookie));
  }
  store.rotate(start);
  CHECK_FALSE(protocol::CookieSealer{store.keys()}.open(cookie));
}

TEST_CASE("keys of an older chrony are rotated and written in the form that it reads") {
  const TemporaryFolder folder;
  RememberingLog log;
  std::string text = "NKS0\n15 0.0\n";
  for (const char digit : {'4', '5', '6', '7'})
    text += std::string{"0000000"} + digit + " " + std::string(64, digit) + "\n";
  REQUIRE(base::write_file_atomically(folder / "ntskeys", text, 0600));
  KeyStore store{{.directory = folder.path(), .rotation = week}, log, start};
  CHECK(text_of(folder) == text);
  store.rotate(start + 168h);
  CHECK(text_of(folder).starts_with("NKS0\n15 0.0\n00000005 5"));
  CHECK(store.keys().keys.at(0).key.size() == 32);
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
