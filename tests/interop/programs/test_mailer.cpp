// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/stat.h>

#include "base/os/file.hpp"
#include "daemon/launcher/mailer.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using launcher::send_mail;

namespace {

// A mail program that is this shell script.
std::string program(const testing::TemporaryFolder& folder, const std::string& script) {
  const auto path = folder / "sendmail";
  REQUIRE(base::write_file_atomically(path, "#!/bin/sh\n" + script + "\n"));
  REQUIRE(chmod(path.c_str(), 0755) == 0);
  return path;
}

}  // namespace

TEST_CASE("the mail program gets the mail on its standard input, and -t") {
  const testing::TemporaryFolder folder;
  const auto sent = send_mail(
      program(folder, "echo \"$@\" >" + (folder / "out") + "; cat >>" + (folder / "out")), "To: a\n\nb\n");
  CHECK(sent);
  CHECK(base::read_file(folder / "out").value() == "-t\nTo: a\n\nb\n");
}

TEST_CASE("a mail program that is missing or fails is the reason") {
  const testing::TemporaryFolder folder;
  const auto missing = folder / "nothing";
  CHECK(send_mail(missing, "x").error() == missing + ": No such file or directory");
  const auto failing = program(folder, "cat >/dev/null; exit 3");
  CHECK(send_mail(failing, "x").error() == failing + " failed");
}
