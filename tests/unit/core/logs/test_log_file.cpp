// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/logs/log_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/os/file.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using core::LogFile;

namespace {

struct Fixture {
  testing::TemporaryFolder folder;
  [[nodiscard]] std::string path() const { return folder / "some.log"; }
  [[nodiscard]] base::Fd open() const {
    return base::Fd{::open(path().c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)};
  }
  [[nodiscard]] std::string text() const { return base::read_file(path()).value(); }
};

}  // namespace

TEST_CASE("the heading comes before the first line and again after as many as configured") {
  const Fixture f;
  LogFile log("head", 2);
  log.take(f.open());
  for (const auto* const line : {"a", "b", "c"}) log.add(line);
  REQUIRE(log.flush());
  CHECK(f.text() == "====\nhead\n====\na\nb\n====\nhead\n====\nc\n");
}

TEST_CASE("a log may have no heading") {
  const Fixture f;
  LogFile log("head", 0);
  log.take(f.open());
  log.add("a");
  REQUIRE(log.flush());
  CHECK(f.text() == "a\n");
}

TEST_CASE("another file begins with the heading") {
  const Fixture f;
  LogFile log("head", 32);
  log.take(f.open());
  log.add("a");
  REQUIRE(log.flush());
  log.close();
  CHECK_FALSE(log.is_open());
  log.add("b");
  log.take(f.open());
  REQUIRE(log.flush());
  CHECK(f.text() == "====\nhead\n====\na\n====\nhead\n====\nb\n");
}

TEST_CASE("what the disk does not take waits, as whole lines") {
  const Fixture f;
  LogFile log("head", 0);
  log.take(base::Fd{::open("/dev/full", O_WRONLY | O_CLOEXEC)});
  const std::string line(99, 'x');
  for (int i = 0; i < 1000; ++i) log.add(line);
  const auto full = log.flush();
  REQUIRE_FALSE(full);
  CHECK(full.error().code == ENOSPC);
  CHECK(log.take_lost() == 1000 - 655);  // 64 KiB of 100 octets each
  CHECK(log.take_lost() == 0);
  log.take(f.open());
  REQUIRE(log.flush());
  CHECK(f.text().size() == 65500);
}

TEST_CASE("a file that was removed is noticed") {
  const Fixture f;
  LogFile log("head", 0);
  log.take(f.open());
  CHECK_FALSE(log.is_removed());
  REQUIRE(unlink(f.path().c_str()) == 0);
  CHECK(log.is_removed());
}
