// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/keys/certificate_monitor.hpp"

#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using core::CertificateMonitor;
using core::DateVerdict;
using std::chrono::days;
using testing::Loop;
using testing::RememberingLog;

namespace {

constexpr base::RealTime begin{days{20000}};
constexpr base::RealTime end{days{20090}};

config::Config two_pairs() {
  config::Config config;
  config.nts.certificates = {{"/etc/a.pem", "/etc/a.key"}, {"/etc/b.pem", "/etc/b.key"}};
  config.server.access = {{.allow = true, .subnet = {}, .all = true}};
  return config;
}

ipc::CertificateFacts facts(std::uint16_t pair = 0, std::uint8_t mark = 1) {
  ipc::CertificateFacts facts{
      .pair = pair, .subject = "/CN=a", .names = {"a.example"}, .not_before = begin, .not_after = end};
  facts.fingerprint.fill(mark);
  return facts;
}

struct Fixture {
  Loop loop;
  RememberingLog log;
  CertificateMonitor monitor{two_pairs(), loop.tasks, log};
  ~Fixture() { loop.drain(); }
};

}  // namespace

TEST_CASE("dates are judged to the limit, and the next limit is known") {
  struct Row {
    base::RealTime now;
    DateVerdict verdict;
    std::optional<base::RealTime> next;
  };
  for (const auto& [now, verdict, next] :
       {Row{begin - 1ns, DateVerdict::not_begun, begin}, Row{begin, DateVerdict::valid, end - days{30}},
        Row{end - days{30} - 1ns, DateVerdict::valid, end - days{30}},
        Row{end - days{30}, DateVerdict::ends_in_30_days, end - days{7}},
        Row{end - days{7} - 1ns, DateVerdict::ends_in_30_days, end - days{7}},
        Row{end - days{7}, DateVerdict::ends_in_7_days, end},
        Row{end - 1ns, DateVerdict::ends_in_7_days, end}, Row{end, DateVerdict::ended, std::nullopt}}) {
    CHECK(core::judge_dates(facts(), now) == verdict);
    CHECK(core::next_verdict(facts(), now) == next);
  }
}

TEST_CASE("an operator is told of files that cannot be used, and what becomes of the key exchange") {
  Fixture f;
  CHECK(f.monitor.notices().empty());
  f.monitor.refuse("the key does not fit", begin + 1h);
  REQUIRE(f.monitor.notices().size() == 1);
  CHECK(f.monitor.notices()[0].text ==
        "The certificates cannot be used, since 2024-10-04 01:00 UTC: the key does not fit. There is no NTS "
        "key "
        "exchange: clients without cookies get no time.");
  CHECK(f.monitor.accept(facts(), begin + 2h));
  CHECK(f.monitor.notices().empty());
  f.monitor.refuse("the key does not fit", begin + 3h);
  CHECK(f.monitor.notices()[0].text.ends_with("What was read before stays in use, until a restart."));
}

TEST_CASE("files that cannot be used are told since the first try, until they can") {
  Fixture f;
  REQUIRE(f.monitor.accept(facts(), begin));
  CHECK(f.monitor.in_use());
  f.monitor.refuse("the key does not fit", begin + 1h);
  f.monitor.refuse("the key still does not fit", begin + 2h);
  for (const auto& pair : f.monitor.report(begin + 3h)) {
    REQUIRE(pair.refusal);
    CHECK(pair.refusal->reason == "the key still does not fit");
    CHECK(pair.refusal->since == begin + 1h);
  }
  CHECK(f.monitor.report(begin + 3h).front().in_use_since == begin);
  REQUIRE(f.monitor.accept(facts(), begin + 4h));  // the old ones were put back
  CHECK_FALSE(f.monitor.refusal());
}

TEST_CASE("a certificate without an end never ends") {
  auto endless = facts();
  endless.not_after = base::RealTime::max();
  CHECK(core::judge_dates(endless, begin + days{70000}) == DateVerdict::valid);
}

TEST_CASE("30 days, 7 days and the end are told once each") {
  Fixture f;
  REQUIRE(f.monitor.accept(facts(), begin));
  CHECK(f.log.lines.empty());
  for (const auto& now : {end - days{30}, end - days{20}, end - days{7}, end - 1h, end, end + days{3}})
    f.monitor.look_at_dates(now);
  REQUIRE(f.log.lines.size() == 3);
  CHECK(f.log.lines[0].find("/etc/a.pem: the certificate expires on 2025-01-02 00:00 UTC, within 30 days") ==
        0);
  CHECK(f.log.lines[1].find("within 7 days") != std::string::npos);
  CHECK(f.log.lines[2].find("expired on 2025-01-02 00:00 UTC") != std::string::npos);
  CHECK(f.log.events == std::vector{base::LogEvent::certificate_expires_soon,
                                    base::LogEvent::certificate_expires_soon,
                                    base::LogEvent::certificate_expired});
}

TEST_CASE("the same certificate read again is no news, another one is") {
  Fixture f;
  const auto now = end - days{3};
  REQUIRE(f.monitor.accept(facts(), now));
  REQUIRE(f.monitor.accept(facts(), now + 1h));
  CHECK(f.log.lines.size() == 1);
  CHECK(f.monitor.report(now + 1h)[0].in_use_since == now);
  REQUIRE(f.monitor.accept(facts(0, 2), now + 2h));
  CHECK(f.log.lines.size() == 2);
  CHECK(f.monitor.report(now + 2h)[0].in_use_since == now + 2h);
}

TEST_CASE("every configured pair is reported, in use or not") {
  Fixture f;
  REQUIRE(f.monitor.accept(facts(1), begin));
  CHECK_FALSE(f.monitor.accept(facts(2), begin));
  const auto reports = f.monitor.report(end - days{5} + 1s);
  REQUIRE(reports.size() == 2);
  CHECK(reports[0].file == "/etc/a.pem");
  CHECK_FALSE(reports[0].in_use_since);
  CHECK(reports[1].file == "/etc/b.pem");
  CHECK(reports[1].facts.names == std::vector<std::string>{"a.example"});
  CHECK(reports[1].days_left == 4);
  CHECK(f.monitor.report(end)[1].days_left == 0);
  CHECK(f.monitor.report(end + 1s)[1].days_left == -1);
  CHECK(f.monitor.report(end + days{1} + 1s)[1].days_left == -2);
}

TEST_CASE("a certificate without a name is told") {
  Fixture f;
  auto nameless = facts();
  nameless.names.clear();
  REQUIRE(f.monitor.accept(nameless, begin));
  CHECK(f.log.says("no subject alternative name"));
}

TEST_CASE("a limit that is passed while the daemon runs is noticed then") {
  Fixture f;
  auto soon = facts();
  soon.not_before = f.loop.now().real - days{1};
  soon.not_after = f.loop.now().real + days{7} + 200ms;
  f.monitor.start();
  f.loop.run_ready();
  REQUIRE(f.monitor.accept(soon, f.loop.now().real));
  CHECK(f.log.lines.size() == 1);
  f.loop.run_until([&] { return f.log.says("within 7 days"); });
}
