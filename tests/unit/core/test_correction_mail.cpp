// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/correction_mail.hpp"

#include <sys/socket.h>

#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using namespace std::chrono_literals;

namespace {

const std::optional wanted{
    config::MailOnChange{.address = "root@localhost", .threshold = base::Seconds{0.5}}};

struct Fixture {
  testing::RememberingLog log;
  testing::FarEnd mailer;
  core::CorrectionMail mail{mailer.take_near(), log};

  [[nodiscard]] bool told() const {
    std::uint8_t octet = 0;
    return recv(mailer.fd(), &octet, 1, MSG_DONTWAIT | MSG_PEEK) > 0;
  }
};

}  // namespace

TEST_CASE("the mailer is told of a correction beyond the threshold, in either direction") {
  Fixture f;
  f.mail.on_correction(base::Seconds{-2}, wanted);
  CHECK(testing::read_as<ipc::SendMail>(f.mailer.receive()).message.correction == -2s);
  f.mail.on_correction(base::Seconds{0.75}, wanted);
  CHECK(testing::read_as<ipc::SendMail>(f.mailer.receive()).message.correction == 750ms);
}

TEST_CASE("a smaller correction, and one that nobody wants to hear of, is not told") {
  Fixture f;
  f.mail.on_correction(base::Seconds{0.5}, wanted);
  f.mail.on_correction(base::Seconds{2}, std::nullopt);
  CHECK_FALSE(f.told());
  core::CorrectionMail nobody{{}, f.log};
  nobody.on_correction(base::Seconds{2}, wanted);
  CHECK(f.log.lines.empty());
}

TEST_CASE("a mailer that has gone is told of once in the log") {
  Fixture f;
  f.mailer.close();
  f.mail.on_correction(base::Seconds{2}, wanted);
  f.mail.on_correction(base::Seconds{3}, wanted);
  CHECK(f.log.events == std::vector{base::LogEvent::mail_not_sent});
}

TEST_CASE("a mailer that does not read is waited for by nobody, and told again later") {
  Fixture f;
  int sent = 0;
  while (f.log.lines.empty() && ++sent < 100'000) f.mail.on_correction(base::Seconds{2}, wanted);
  CHECK(f.log.says("The mailer cannot be told of a correction of the clock"));
  static_cast<void>(f.mailer.receive());
  f.mail.on_correction(base::Seconds{3}, wanted);
  CHECK(f.log.lines.size() == 1);
}
