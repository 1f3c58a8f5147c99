// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/keys/server_keys.hpp"

#include <fcntl.h>

#include "base/os/file.hpp"
#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using core::ServerKeys;
using testing::Loop;
using testing::RememberingLog;
using testing::TemporaryFolder;

namespace {

using namespace std::chrono_literals;

struct Fixture {
  TemporaryFolder folder;
  Loop loop;
  RememberingLog log;
  int changes = 0;
  std::optional<ServerKeys> keys;

  void make(config::NtsSettings settings, base::Fd secret = {}) {
    keys.emplace(
        settings, std::move(secret), loop.tasks, log, [this] { ++changes; },
        core::KeyTiming{.look = 1ms, .retry = 1ms});
    keys->start();
  }
  [[nodiscard]] base::Fd file_with(const std::string& text) const {
    REQUIRE(base::write_file_atomically(folder / "secret", text, 0600));
    return base::Fd{open((folder / "secret").c_str(), O_RDONLY | O_CLOEXEC)};
  }
  [[nodiscard]] std::uint32_t sealing_id() const {
    const auto& set = keys->keys().front();
    return set.keys.at(set.current).id;
  }
  ~Fixture() { loop.drain(); }
};

}  // namespace

TEST_CASE("keys managed elsewhere come into use when their file appears") {
  Fixture f;
  const TemporaryFolder elsewhere;
  core::KeyStore manager{{.directory = elsewhere.path(), .rotation = base::Seconds{1000}}, f.log, {}};
  f.make({.dump_dir = f.folder.path(), .rotate = base::Seconds{0}});
  CHECK_FALSE(f.keys->reload());
  const auto text = base::read_file(elsewhere / "ntskeys");
  REQUIRE(text);
  REQUIRE(base::write_file_atomically(f.folder / "ntskeys", *text, 0600));
  f.loop.run_until([&] { return f.changes == 1; });
  CHECK(f.sealing_id() == manager.keys().keys.at(manager.keys().current).id);
  CHECK(f.keys->reload());
  CHECK(f.changes == 2);
}

TEST_CASE("our own keys rotate when they are due") {
  Fixture f;
  f.make({.dump_dir = f.folder.path(), .rotate = base::Seconds{0.01}});
  const auto before = f.sealing_id();
  f.loop.run_until([&] { return f.changes >= 1; });
  CHECK(f.sealing_id() != before);
  CHECK(f.keys->reload());  // `rekey` is about certificates then
}

TEST_CASE("keys that could not be saved are saved when there is a folder") {
  Fixture f;
  const auto later = f.folder / "later";
  f.make({.dump_dir = later});
  CHECK(f.log.says("Could not save the server keys"));
  std::filesystem::create_directory(later);
  f.loop.run_until([&] { return f.log.says("are saved in"); });
  CHECK(std::filesystem::exists(later + "/ntskeys"));
  CHECK(f.changes == 0);
}

TEST_CASE("derived keys follow the system clock's period") {
  Fixture f;
  f.make({.rotate = base::Seconds{1}, .key_secret_file = "/secret"}, f.file_with(std::string(64, 'c')));
  const auto before = f.sealing_id();
  f.loop.run_until([&] { return f.changes >= 1; });
  CHECK(f.sealing_id() != before);
  CHECK(f.log.says("Rotated the server keys"));
}

TEST_CASE("a server whose secret could not be opened says so and has keys until it comes") {
  Fixture f;
  f.make({.key_secret_file = "/secret"});
  CHECK(f.log.says("no other server can open its cookies"));
  const auto before = f.sealing_id();
  f.keys->on_clock_set();
  CHECK(f.changes == 0);
  CHECK(f.keys->secret_usable() == false);
  CHECK(f.keys->use_secret({}).error().contains("no other server can open this server's cookies"));
  CHECK(f.keys->use_secret(f.file_with(std::string(64, 'c'))));
  CHECK(f.keys->secret_usable() == true);
  CHECK(f.changes == 1);
  CHECK(f.sealing_id() != before);
}

TEST_CASE("a secret that is opened again takes the place of the one before") {
  Fixture f;
  f.make({.key_secret_file = "/secret"}, f.file_with(std::string(64, 'c')));
  const auto before = f.sealing_id();
  CHECK(f.keys->use_secret(f.file_with(std::string(64, 'd') + "\n" + std::string(64, 'c'))));
  CHECK(f.changes == 1);
  CHECK(f.keys->keys().size() == 2);
  CHECK(f.sealing_id() != before);
  CHECK(f.keys->use_secret(f.file_with("nothing of use")).error().contains("the previous secrets are used"));
  CHECK(f.keys->secret_usable() == false);
  CHECK(f.changes == 1);
}

TEST_CASE("a secret at another path is named by that") {
  Fixture f;
  f.make({.key_secret_file = "/secret"}, f.file_with(std::string(64, 'c')));
  f.keys->set_secret_path("/elsewhere");
  CHECK(f.keys->use_secret(f.file_with("nothing of use")).error().contains("/elsewhere"));
  CHECK(f.keys->use_secret({}).error().contains("/elsewhere"));
  CHECK_FALSE(f.log.says("/secret"));
}
