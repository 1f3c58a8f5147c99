// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/secret_file.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using launcher::SecretFile;
using testing::TemporaryFolder;

namespace {

SecretFile secret_in(const std::string& path, bool others_may_not_read = true) {
  return {path, {"ntskeysecret", "The secret", others_may_not_read}};
}

void write(const std::string& path, mode_t mode) {
  REQUIRE(base::write_file_atomically(path, "secret\n", 0600));
  REQUIRE(chmod(path.c_str(), mode) == 0);
}

}  // namespace

TEST_CASE("a secret that only its owner may read is opened from its beginning") {
  const TemporaryFolder folder;
  write(folder / "secret", 0400);
  auto secret = secret_in(folder / "secret");
  const auto file = secret.open();
  REQUIRE(file);
  CHECK(base::read_to_end(file->file.get()).value() == "secret\n");
}

TEST_CASE("a secret that others may read or a group may write is refused") {
  const TemporaryFolder folder;
  for (const mode_t mode : {0644U, 0604U, 0620U}) {
    write(folder / "secret", mode);
    const auto file = secret_in(folder / "secret").open();
    REQUIRE_FALSE(file);
    CHECK(file.error().find("chmod 600") != std::string::npos);
  }
  write(folder / "secret", 0640);  // as an access list for the daemon's user looks like
  CHECK(secret_in(folder / "secret").open());
}

TEST_CASE("what is no file is refused without waiting for it") {
  const TemporaryFolder folder;
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  const auto file = secret_in(folder / "pipe").open();
  REQUIRE_FALSE(file);
  CHECK(file.error().find("it is not a file") != std::string::npos);
}

TEST_CASE("a secret is found among the credentials of the unit") {
  const TemporaryFolder folder;
  write(folder / "fleet", 0400);
  auto secret = secret_in("$CREDENTIALS_DIRECTORY/fleet");
  unsetenv("CREDENTIALS_DIRECTORY");
  const auto without = secret.open();
  REQUIRE_FALSE(without);
  CHECK(without.error().find("LoadCredential") != std::string::npos);
  setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1);
  CHECK(secret.open());
  unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_CASE("a change of the file is seen: it comes, is replaced, is closed to others, goes") {
  const TemporaryFolder folder;
  auto secret = secret_in(folder / "secret");
  CHECK_FALSE(secret.open());
  CHECK_FALSE(secret.changed());
  write(folder / "secret", 0644);
  CHECK(secret.changed());
  CHECK_FALSE(secret.open());
  CHECK_FALSE(secret.changed());
  write(folder / "secret", 0600);
  CHECK(secret.changed());
  CHECK(secret.open());
  CHECK_FALSE(secret.changed());
  std::filesystem::remove(folder / "secret");
  CHECK(secret.changed());
}

TEST_CASE("what others may read is used with advice where the kind of secret allows that") {
  const TemporaryFolder folder;
  write(folder / "keys", 0644);
  const auto opened = secret_in(folder / "keys", false).open();
  REQUIRE(opened);
  CHECK(opened->file);
  CHECK(opened->advice.find("chmod 640") != std::string::npos);
  write(folder / "keys", 0640);
  CHECK(secret_in(folder / "keys", false).open()->advice.empty());
}

TEST_CASE("without a path there is no secret") {
  CHECK_FALSE(SecretFile{}.wanted());
  CHECK_FALSE(SecretFile{}.changed());
}
