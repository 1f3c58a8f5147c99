// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/role_lines.hpp"

#include <chrono>
#include <string>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using launcher::RoleLines;

namespace {

constexpr base::MonoTime start{};

}  // namespace

TEST_CASE("the lines of the core are as it writes them, those of others carry their name behind the time") {
  CHECK(RoleLines{""}.take("2026-11-30T05:34:19Z Selected source ::1\n", start) ==
        "2026-11-30T05:34:19Z Selected source ::1\n");
  RoleLines lines{"gnomon-ntske"};
  CHECK(lines.take("2026-11-30T05:34:19Z Selected source ::1\nno time\n", start) ==
        "2026-11-30T05:34:19Z gnomon-ntske: Selected source ::1\ngnomon-ntske: no time\n");
  CHECK(lines.take("", start).empty());
}

TEST_CASE("a line that has no end gets one, and control characters are shown as question marks") {
  RoleLines lines{"gnomon-ntske"};
  CHECK(lines.take("2026-11-30T05:34:19Z half", start) == "2026-11-30T05:34:19Z gnomon-ntske: half\n");
  CHECK(lines.take("\x1b[2Jone\r\n\n", start) == "gnomon-ntske: ?[2Jone?\ngnomon-ntske: \n");
  // A time that only looks like one is text.
  CHECK(lines.take("2026-11-30T05:34:1xZ a\n", start) == "gnomon-ntske: 2026-11-30T05:34:1xZ a\n");
  CHECK(RoleLines{""}.take("t\xc3\xb6wo", start) == "t\xc3\xb6wo\n");
}

TEST_CASE("for syslog a line has a level, and no role claims that the machine is in danger") {
  RoleLines lines{"gnomon-ntske", base::LogFormat::levels};
  CHECK(lines.take("<3>wrong\n<2>worse\n<1>alarm\n<8>\nnone\n<30>facility\n", start) ==
        "<3>gnomon-ntske: wrong\n<2>gnomon-ntske: worse\n<4>gnomon-ntske: <1>alarm\n<4>gnomon-ntske: <8>\n"
        "<4>gnomon-ntske: none\n<4>gnomon-ntske: <30>facility\n");
  CHECK(RoleLines{"", base::LogFormat::levels}.take("<6>2026-11-30T05:34:19Z one\n", start) ==
        "<6>2026-11-30T05:34:19Z one\n");
  CHECK(RoleLines{""}.take("<3>one\n", start) == "<3>one\n");
  (void)lines.take(std::string(RoleLines::burst, 'x'), start);
  CHECK(lines.take("", start + std::chrono::seconds{10}).empty());
  CHECK(lines.take("late\n", start + std::chrono::seconds{10}).starts_with("<4>gnomon-ntske: "));
}

TEST_CASE("a role that writes without end fills no disk, and what was left out is said") {
  RoleLines lines{"gnomon-ntske"};
  const std::string flood(RoleLines::burst + 1000, 'x');
  CHECK(lines.take(flood, start).size() < RoleLines::burst + 100);
  CHECK(lines.take("more\n", start).empty());
  const auto later = lines.take("late\n", start + std::chrono::seconds{10});
  CHECK(later ==
        "gnomon-ntske: 1005 octets of messages were left out, more than may be written at once\n"
        "gnomon-ntske: late\n");
  const std::string empty_lines(RoleLines::burst, '\n');
  std::size_t written = 0;
  for (int hour = 1; hour <= 4; ++hour)
    for (int minute = 0; minute < 60; ++minute)
      written += lines
                     .take(minute % 2 == 0 ? flood : empty_lines,
                           start + std::chrono::hours{hour} + std::chrono::minutes{minute})
                     .size();
  CHECK(written < 32'000'000);  // 190 MB a day
}

TEST_CASE("what gnomond left out is said as gnomond's, though its lines carry no name") {
  RoleLines lines{"", base::LogFormat::levels, "gnomond"};
  CHECK(lines.take(std::string(RoleLines::burst + 5, 'x'), start).size() > RoleLines::burst);
  CHECK(lines.take("<6>one\n", start + std::chrono::hours{1}) ==
        "<4>gnomond: 5 octets of messages were left out, more than may be written at once\n<6>one\n");
}
