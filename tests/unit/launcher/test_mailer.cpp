// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/mailer.hpp"

#include <sys/stat.h>

#include "base/os/file.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using launcher::mail_about;
using launcher::send_mail;

namespace {

const config::MailOnChange settings{.address = "root@localhost", .threshold = base::Seconds{0.5}};

// A mail program that is this shell script.
std::string program(const testing::TemporaryFolder& folder, const std::string& script) {
  const auto path = folder / "sendmail";
  REQUIRE(base::write_file_atomically(path, "#!/bin/sh\n" + script + "\n"));
  REQUIRE(chmod(path.c_str(), 0755) == 0);
  return path;
}

}  // namespace

TEST_CASE("a mail has its address, a subject, the correction and the threshold") {
  const auto mail =
      mail_about(settings, base::Seconds{-1.25}, "host", base::RealTime{std::chrono::hours{12}});
  CHECK(mail.starts_with(
      "To: root@localhost\nSubject: gnomond reports change to system clock on node [host]\n\n"));
  CHECK(mail.find("January 1970") != std::string::npos);
  CHECK(mail.find("by -1.250 seconds, which is more than the 0.500 seconds") != std::string::npos);
}

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
