// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/server_description.hpp"

#include "daemon/core/engine/association/client_request.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/association/script.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

constexpr base::MonoTime start{5000s};
constexpr base::RealTime today{1'800'000'000s};

AssociationReport report_of(const ServerDescription& server, base::MonoTime now = start,
                            UnreachLimit limit = {}) {
  AssociationReport report;
  server.fill(report, now, limit);
  return report;
}

}  // namespace

TEST_CASE("nothing is known of a server before it has answered") {
  const auto report = report_of({});
  CHECK(report.reach == 0);
  CHECK_FALSE(report.ntp.any);
  CHECK_FALSE(report.kiss);
  CHECK_FALSE(report.last_rx);
  CHECK(report.loop == Loop::none);
}

TEST_CASE("reach holds eight polls, and its way to and from zero is told") {
  ServerDescription server;
  CHECK_FALSE(server.shift_reach(false));
  CHECK(server.shift_reach(true));
  CHECK(server.reach() == 1);
  CHECK(server.misses() == 0);
  CHECK_FALSE(server.shift_reach(true));
  CHECK(server.reach() == 0b11);
  for (int i = 0; i < 7; ++i) CHECK_FALSE(server.shift_reach(false));
  CHECK(server.reach() == 0x80);
  CHECK(server.shift_reach(false));
  CHECK(server.reach() == 0);
  CHECK(server.misses() == 8);
  server.found();
  CHECK(server.misses() == 0);
}

TEST_CASE("of another server nothing is said that the one before has said") {
  ServerDescription server;
  server.restore(0xff, 2);
  server.sent();
  server.received();
  server.valid();
  server.good(start);
  server.kissed(base::ReferenceId{0x52415445});
  static_cast<void>(server.set_loop(Loop::follows_us));
  server.replaced();
  const auto report = report_of(server);
  CHECK(report.reach == 0);
  CHECK(report.stratum == 0);
  CHECK_FALSE(report.kiss);
  CHECK_FALSE(report.last_rx);
  CHECK(report.loop == Loop::none);
  CHECK(report.ntp.total_tx == 0);
  CHECK(report.ntp.total_good_rx == 0);
  // Several addresses that are all dead are one silence.
  server.sent();
  server.replaced();
  CHECK(report_of(server).ntp.total_tx == 1);
}

TEST_CASE("a server is unreachable for too long after so many polls more than reach holds") {
  ServerDescription server;
  for (int i = 0; i < 9; ++i) static_cast<void>(server.shift_reach(false));
  CHECK_FALSE(report_of(server, start, {.polls = 2}).unreachable_too_long);
  static_cast<void>(server.shift_reach(false));
  CHECK(report_of(server, start, {.polls = 2}).unreachable_too_long);
  CHECK_FALSE(report_of(server, start, {.polls = 2, .last_is_over = false}).unreachable_too_long);
  static_cast<void>(server.shift_reach(true));
  CHECK_FALSE(report_of(server, start, {.polls = 0}).unreachable_too_long);
}

TEST_CASE("what the last run knew is reported until the server answers") {
  ServerDescription server;
  server.restore(0b1011, 3);
  CHECK(report_of(server).reach == 0b1011);
  CHECK(report_of(server).stratum == 3);
}

TEST_CASE("a loop begins once, until it ends") {
  ServerDescription server;
  CHECK_FALSE(server.set_loop(Loop::none));
  CHECK(server.set_loop(Loop::follows_us));
  CHECK_FALSE(server.set_loop(Loop::follows_us));
  CHECK(report_of(server).loop == Loop::follows_us);
  CHECK(server.set_loop(Loop::ourselves));
  CHECK_FALSE(server.set_loop(Loop::none));
  CHECK(server.set_loop(Loop::ourselves));
}

TEST_CASE("a kiss is reported until the server answers otherwise") {
  ServerDescription server;
  server.kissed(kiss::deny);
  CHECK(report_of(server).kiss == kiss::deny);
  server.answered();
  CHECK_FALSE(report_of(server).kiss);
}

TEST_CASE("totals count requests, datagrams, valid and good answers, and who took the timestamps") {
  ServerDescription server;
  server.sent();
  server.sent();
  server.received();
  server.valid();
  server.good(start - 3s);
  Received event;
  event.sent.source = StampSource::hardware;
  event.received.source = StampSource::kernel;
  server.count_stamps(event);
  const auto report = report_of(server);
  CHECK(report.ntp.total_tx == 2);
  CHECK(report.ntp.total_rx == 1);
  CHECK(report.ntp.total_valid_rx == 1);
  CHECK(report.ntp.total_good_rx == 1);
  CHECK(report.ntp.total_hw_tx == 1);
  CHECK(report.ntp.total_kernel_tx == 0);
  CHECK(report.ntp.total_kernel_rx == 1);
  CHECK(report.ntp.total_hw_rx == 0);
  CHECK(report.last_rx == base::Duration{3s});
}

TEST_CASE("the last answer is described as it came, the offset in chrony's sign") {
  Received event;
  event.local = address("192.0.2.200");
  event.received.time = today;
  Exchanged exchanged;
  exchanged.header.mode = protocol::Mode::server;
  exchanged.header.version = 3;
  exchanged.header.stratum = 2;
  exchanged.header.poll = 6;
  exchanged.header.precision = -20;
  exchanged.header.reference = base::to_ntp(today - 10s);
  exchanged.header.reference_id = {0x0a000001};
  exchanged.interleaved = true;
  exchanged.sent.source = StampSource::hardware;
  exchanged.received.source = StampSource::kernel;
  Measured measured;
  measured.sample.stratum = {5};  // raised by minstratum
  measured.sample.offset = base::Seconds{0.25};
  measured.sample.delay = base::Seconds{0.5};
  measured.response_time = base::Seconds{0.125};
  measured.tests = 0x3fe;
  ServerDescription server;
  server.describe(event, exchanged, measured, 0.5);
  const auto report = report_of(server);
  CHECK(report.stratum == 5);
  CHECK(report.ntp.any);
  CHECK(report.ntp.local == event.local);
  CHECK(report.ntp.version == 3);
  CHECK(report.ntp.mode == 4);
  CHECK(report.ntp.stratum == 2);
  CHECK(report.ntp.poll == 6);
  CHECK(report.ntp.precision == -20);
  CHECK(report.ntp.reference_id == base::ReferenceId{0x0a000001});
  CHECK(report.ntp.reference_time == today - 10s);
  CHECK(report.ntp.offset.count() == -0.25);
  CHECK(report.ntp.delay.count() == 0.5);
  CHECK(report.ntp.response_time.count() == 0.125);
  CHECK(report.ntp.jitter_asymmetry == 0.5);
  CHECK(report.ntp.tests == 0x3fe);
  CHECK(report.ntp.interleaved);
  CHECK_FALSE(report.ntp.authenticated);
  CHECK(report.ntp.tx_stamp == StampSource::hardware);
  CHECK(report.ntp.rx_stamp == StampSource::kernel);
}

}  // namespace gnomon::testing
