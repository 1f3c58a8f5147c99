// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/certificate_watch.hpp"

#include <filesystem>
#include <map>

#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using launcher::CertificateWatch;
using Changed = std::vector<std::string>;

namespace {

constexpr base::MonoTime start{1000s};

struct Fixture {
  std::map<std::string, std::optional<base::FileStamp>> files{{"cert", base::FileStamp{.inode = 1}},
                                                              {"key", base::FileStamp{.inode = 2}}};
  CertificateWatch watch{{"cert", "key"}, [this](const std::string& path) { return files.at(path); }};
  base::MonoTime now = start;

  Fixture() { watch.reading(now); }
  // At the time it wants to.
  Changed look() {
    now = watch.next_look().value_or(now);
    return watch.look(now);
  }
};

}  // namespace

TEST_CASE("files that nobody touches are looked at every five seconds and never read again") {
  Fixture f;
  for (int i = 1; i <= 10; ++i) {
    CHECK(f.look().empty());
    CHECK(f.now == start + i * 5s);
  }
}

TEST_CASE("where the kernel tells of changes, files are looked at when it does and hardly else") {
  Fixture f;
  f.watch.set_told(true);
  f.watch.hear_change(f.now);
  CHECK(f.look().empty());
  CHECK(f.watch.next_look() == start + 1h);
  f.files["cert"] = base::FileStamp{.inode = 3};
  f.now = start + 60s;
  f.watch.hear_change(f.now);
  CHECK(f.look().empty());
  CHECK(f.look().empty());
  CHECK(f.look() == Changed{"cert"});
  CHECK(f.now == start + 62s);
}

TEST_CASE("a pair that is written one after the other is read once, when it is left alone") {
  Fixture f;
  f.files["cert"] = base::FileStamp{.inode = 3};
  CHECK(f.look().empty());
  f.files["key"] = base::FileStamp{.inode = 4};
  CHECK(f.look().empty());
  CHECK(f.now == start + 6s);
  CHECK(f.look().empty());
  CHECK(f.look() == Changed{"cert", "key"});
  CHECK(f.now == start + 8s);
  f.watch.reading(f.now);
  CHECK(f.look().empty());
  CHECK(f.now == start + 13s);
}

TEST_CASE("a file that goes and comes back as it was is no change, one that stays away is") {
  Fixture f;
  const auto before = f.files["key"];
  f.files["key"] = std::nullopt;
  CHECK(f.look().empty());
  f.files["key"] = before;
  CHECK(f.look().empty());
  CHECK(f.look().empty());
  CHECK(f.look().empty());
  f.files["key"] = std::nullopt;
  CHECK(f.look().empty());
  CHECK(f.look().empty());
  CHECK(f.look() == Changed{"key"});
}

TEST_CASE("nothing is looked at too early, or without files") {
  Fixture f;
  f.files["cert"] = std::nullopt;
  CHECK(f.watch.look(start + 4s).empty());
  CHECK(f.watch.next_look() == start + 5s);
  CertificateWatch none;
  none.reading(start);
  CHECK_FALSE(none.next_look());
  CHECK(none.look(start + 1h).empty());
}

TEST_CASE("a rename, a rewriting and a link set elsewhere are changes of the file") {
  const testing::TemporaryFolder folder;
  const auto write = [&](const char* name, const char* text) {
    REQUIRE(base::write_file_atomically(folder / name, text, 0600));
  };
  write("old", "old");
  write("new", "new");
  const auto link = folder / "link";
  std::filesystem::create_symlink("old", link);
  CertificateWatch watch{{link}};
  auto now = start;
  watch.reading(now);
  SECTION("a link set elsewhere") {
    std::filesystem::create_symlink("new", folder / "next");
    std::filesystem::rename(folder / "next", link);
  }
  SECTION("a file renamed to behind the link") {
    std::filesystem::rename(folder / "new", folder / "old");
  }
  SECTION("the file written again") {
    std::filesystem::resize_file(folder / "old", 2);
  }
  SECTION("nothing there") {
    std::filesystem::remove(folder / "old");
  }
  now += 5s;
  CHECK(watch.look(now).empty());
  CHECK(watch.look(now + 2s) == Changed{link});
}
