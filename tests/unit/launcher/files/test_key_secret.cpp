// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/key_secret.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using launcher::KeySecretFile;
using testing::TemporaryFolder;

namespace {

void write(const std::string& path, mode_t mode) {
  REQUIRE(base::write_file_atomically(path, "secret\n", 0600));
  REQUIRE(chmod(path.c_str(), mode) == 0);
}

}  // namespace

TEST_CASE("a secret that only its owner may read is opened from its beginning") {
  const TemporaryFolder folder;
  write(folder / "secret", 0400);
  KeySecretFile secret{folder / "secret"};
  const auto file = secret.open();
  REQUIRE(file);
  CHECK(base::read_to_end(file->get()).value() == "secret\n");
}

TEST_CASE("a secret that others may read or a group may write is refused") {
  const TemporaryFolder folder;
  for (const mode_t mode : {0644U, 0604U, 0620U}) {
    write(folder / "secret", mode);
    const auto file = KeySecretFile{folder / "secret"}.open();
    REQUIRE_FALSE(file);
    CHECK(file.error().find("chmod 600") != std::string::npos);
  }
  write(folder / "secret", 0640);  // as an access list for the daemon's user looks like
  CHECK(KeySecretFile{folder / "secret"}.open());
}

TEST_CASE("what is no file is refused without waiting for it") {
  const TemporaryFolder folder;
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  const auto file = KeySecretFile{folder / "pipe"}.open();
  REQUIRE_FALSE(file);
  CHECK(file.error().find("it is not a file") != std::string::npos);
}

TEST_CASE("a secret is found among the credentials of the unit") {
  const TemporaryFolder folder;
  write(folder / "fleet", 0400);
  KeySecretFile secret{"$CREDENTIALS_DIRECTORY/fleet"};
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
  KeySecretFile secret{folder / "secret"};
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

TEST_CASE("a daemon that serves no cookies wants no secret") {
  config::Config config;
  config.nts.key_secret_file = "/secret";
  CHECK_FALSE(KeySecretFile::of(config).wanted());
  CHECK_FALSE(KeySecretFile{}.changed());
}
