// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/mailer.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;

TEST_CASE("a mail has its address, a subject, the correction and the threshold") {
  const config::MailOnChange settings{.address = "root@localhost", .threshold = base::Seconds{0.5}};
  const auto mail =
      launcher::mail_about(settings, base::Seconds{-1.25}, "host", base::RealTime{std::chrono::hours{12}});
  CHECK(mail.starts_with(
      "To: root@localhost\nSubject: gnomond reports change to system clock on node [host]\n\n"));
  CHECK(mail.find("January 1970") != std::string::npos);
  CHECK(mail.find("by -1.250 seconds, which is more than the 0.500 seconds") != std::string::npos);
}
