// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/watched_files.hpp"

#include <map>

#include "base/os/file.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/remembering_log.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using launcher::CertificateWatch;
using Paths = std::vector<std::string>;

namespace {

constexpr base::MonoTime start{1000s};

// Three files that are not there but have stamps, and a secret that is there.
struct Fixture {
  Fixture() {
    config::Config config;
    config.nts.certificates = {{"/cert", "/key"}};
    config.nts.key_secret_file = secret;
    put_secret("5a");
    keys = launcher::KeyFiles::of(config);
    REQUIRE(keys.wants_secret());
    REQUIRE(keys.open_secret(start, log));
    watched.reading_certificates(start);
    watched.reading_trust(start);
  }
  void put_secret(const std::string& octet) const {
    std::string text;
    for (int i = 0; i < 32; ++i) text += octet;
    REQUIRE(base::write_file_atomically(secret, text + "\n", 0600));
  }
  void change(const std::string& path) { stamps[path].emplace(base::FileStamp{.inode = ++changes}); }
  CertificateWatch watch(Paths paths) {
    return CertificateWatch{std::move(paths), [this](const std::string& path) { return stamps[path]; }};
  }

  testing::TemporaryFolder folder;
  std::string secret = folder / "secret";
  testing::RememberingLog log;
  std::uint64_t changes = 0;
  std::map<std::string, std::optional<base::FileStamp>> stamps;
  launcher::KeyFiles keys;
  launcher::WatchedFiles watched{keys, watch({"/cert", "/key"}), watch({"/trust"})};
};

}  // namespace

TEST_CASE("nothing has changed, and the next look is the earliest that any file wants") {
  Fixture f;
  CHECK(f.watched.next_look(start) == start + 5s);
  const auto found = f.watched.look(start + 5s);
  CHECK_FALSE(found.secret);
  CHECK(found.certificates.empty());
  CHECK(found.trust.empty());
  CHECK(f.watched.next_look(start + 5s) == start + 10s);
}

TEST_CASE("what has changed is told by kind, certificates once they are at rest") {
  Fixture f;
  f.change("/key");
  f.change("/trust");
  f.put_secret("a5");
  auto found = f.watched.look(start + 10s);
  CHECK(found.secret);
  CHECK(found.certificates.empty());
  found = f.watched.look(start + 13s);
  CHECK_FALSE(found.secret);
  CHECK(found.certificates == Paths{"/key"});
  CHECK(found.trust == Paths{"/trust"});
  f.watched.reading_certificates(start + 13s);
  f.watched.reading_trust(start + 13s);
  found = f.watched.look(start + 30s);
  CHECK(found.certificates.empty());
  CHECK(found.trust.empty());
}

TEST_CASE(
    "the kernel is asked a while after the start, and what it tells is looked at at once, then not for a "
    "while") {
  Fixture f;
  f.watched.follow_later(start - 2s);
  CHECK(f.watched.descriptor(start) == -1);
  CHECK(f.watched.next_look(start) == start + 3s);
  static_cast<void>(f.watched.look(start + 3s));
  REQUIRE(f.watched.descriptor(start + 3s) >= 0);
  f.put_secret("a5");
  f.watched.hear(start + 20s);
  CHECK(f.watched.descriptor(start + 20s) == -1);
  CHECK(f.watched.next_look(start + 20s) == start + 20s);
  CHECK(f.watched.look(start + 20s).secret);
  CHECK(f.watched.descriptor(start + 21s) >= 0);
}

TEST_CASE("the files of another configuration are looked at in the place of those of before") {
  Fixture f;
  f.watched.replace({}, f.watch({"/others"}));
  f.watched.reading_trust(start);
  f.change("/cert");
  f.change("/trust");
  f.change("/others");
  static_cast<void>(f.watched.look(start + 10s));
  const auto found = f.watched.look(start + 13s);
  CHECK(found.certificates.empty());
  CHECK(found.trust == Paths{"/others"});
}
