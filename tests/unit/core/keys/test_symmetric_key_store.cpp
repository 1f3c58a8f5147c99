// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/keys/symmetric_key_store.hpp"

#include <fcntl.h>

#include "base/os/fd.hpp"
#include "base/os/file.hpp"
#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using core::SymmetricKeyStore;
using testing::RememberingLog;
using testing::TemporaryFolder;

namespace {

struct Store {
  TemporaryFolder folder;
  RememberingLog log;
  SymmetricKeyStore store{folder / "keys", log};

  bool use(const std::string& text) {
    REQUIRE(base::write_file_atomically(folder / "keys", text, 0600));
    const base::Fd file{open((folder / "keys").c_str(), O_RDONLY | O_CLOEXEC)};
    return store.use(file.get()).has_value();
  }
};

}  // namespace

TEST_CASE("before a file is read there are no keys") {
  const Store s;
  REQUIRE(s.store.keys());
  CHECK(s.store.keys()->size() == 0);
}

TEST_CASE("a file replaces all keys, and who uses the old ones keeps them") {
  Store s;
  REQUIRE(s.use("1 SHA1 first\n2 SHA1 second\n"));
  CHECK(s.log.events == std::vector{base::LogEvent::symmetric_keys_loaded});
  CHECK(s.log.lines.back().starts_with("Loaded 2 symmetric keys from "));
  const auto before = s.store.keys();
  REQUIRE(s.use("2 SHA1 other\n"));
  CHECK(s.store.keys()->find(1) == nullptr);
  CHECK(before->find(1) != nullptr);
  CHECK_FALSE(before->find(2)->octets == s.store.keys()->find(2)->octets);
}

TEST_CASE("what cannot be used is named without the key, and the rest is used") {
  Store s;
  REQUIRE(s.use("1 SHA1 HEX:precious\nprecious\n1 MD5 good-key-of-eighty-bits\n"));
  CHECK(s.store.keys()->size() == 1);
  CHECK(s.log.events == std::vector{base::LogEvent::symmetric_key_refused,
                                    base::LogEvent::symmetric_key_refused,
                                    base::LogEvent::symmetric_keys_loaded});
  CHECK(s.log.lines[0].starts_with("Key 1 in line 1 of "));
  CHECK(s.log.lines[1].starts_with("Could not parse key: line 2 of "));
  for (const auto& text : s.log.lines) CHECK(text.find("precious") == std::string::npos);
}

TEST_CASE("where there are keys, a file with a line that is none takes none of them away") {
  Store s;
  REQUIRE(s.use("1 SHA1 first\n"));
  for (const auto* text : {"garbage\n", "1 SHA1 second\n2 \n"}) {
    CHECK_FALSE(s.use(text));
    CHECK(s.log.events.back() == base::LogEvent::symmetric_keys_unreadable);
    CHECK(s.store.keys()->find(1) != nullptr);
    CHECK(s.log.says("the keys read before, if any, stay in use"));
  }
  REQUIRE(s.use("2 SHA1 second\n3 nonsense third\n"));  // a key of an unknown kind is only left out
  CHECK(s.store.keys()->size() == 1);
}

TEST_CASE("an empty file means that there are no keys any more") {
  Store s;
  REQUIRE(s.use("1 SHA1 first\n"));
  REQUIRE(s.use("# none\n"));
  CHECK(s.store.keys()->size() == 0);
  CHECK(s.log.events.back() == base::LogEvent::symmetric_keys_none);
}

TEST_CASE("a file that cannot be read leaves the keys as they are") {
  Store s;
  REQUIRE(s.use("1 SHA1 first\n"));
  const base::Fd directory{open(s.folder.path().c_str(), O_RDONLY | O_CLOEXEC)};
  CHECK_FALSE(s.store.use(directory.get()).has_value());
  CHECK(s.log.events.back() == base::LogEvent::symmetric_keys_unreadable);
  CHECK(s.store.keys()->find(1) != nullptr);
}
