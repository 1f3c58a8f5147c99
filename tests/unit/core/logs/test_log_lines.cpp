// SPDX-License-Identifier: GPL-2.0-or-later
// The expected lines are those of chrony.conf(5), made by chronyd, where it has one.
#include "daemon/core/logs/log_lines.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;
using core::line_of;

namespace {

using namespace std::chrono_literals;

// UTC
base::RealTime at(std::chrono::sys_days day, base::Duration time) {
  return base::RealTime{day.time_since_epoch() + time};
}

const auto address = base::parse_address("203.0.113.15").value();

}  // namespace

TEST_CASE("a measurement has chrony's columns") {
  CHECK(line_of(engine::MeasurementRecord{.time = at(2016y / 11 / 9, 5h + 40min + 50s),
                                          .address = address,
                                          .leap = base::LeapIndicator::none,
                                          .stratum = 2,
                                          .tests = engine::packet_test::all,
                                          .poll = {10},
                                          .remote_poll = 10,
                                          .offset = base::Seconds{-4.966e-03},
                                          .delay = base::Seconds{2.296e-01},
                                          .dispersion = base::Seconds{1.577e-05},
                                          .root_delay = base::Seconds{1.615e-01},
                                          .root_dispersion = base::Seconds{7.446e-03},
                                          .reference_id = {0xCB00717B},
                                          .mode = 4,
                                          .interleaved = false,
                                          .sent = engine::StampSource::daemon,
                                          .received = engine::StampSource::kernel}) ==
        "2016-11-09 05:40:50 203.0.113.15    N  2 111 111 1111  10 10 0.00 -4.966e-03  2.296e-01  1.577e-05  "
        "1.615e-01  7.446e-03 CB00717B 4B D K");
}

TEST_CASE("the tests of a packet are digits, and what failed is a zero") {
  engine::MeasurementRecord record{.address = address, .mode = 4, .interleaved = true};
  record.tests = engine::packet_test::not_duplicate | engine::packet_test::root_distance;
  record.leap = base::LeapIndicator::unsynchronised;
  const auto line = line_of(record);
  CHECK(line.substr(36, 17) == "?  0 100 001 0000");
  CHECK(line.ends_with(" 4I D D"));
}

TEST_CASE("a long address moves the columns, as chrony's do") {
  const auto line =
      line_of(engine::MeasurementRecord{.address = base::parse_address("2001:db8::1234:5678").value()});
  CHECK(line.substr(20, 22) == "2001:db8::1234:5678 ? ");
}

TEST_CASE("statistics have chrony's columns") {
  CHECK(line_of(engine::StatisticsRecord{.time = at(2016y / 8 / 10, 5h + 40min + 50s),
                                         .address = address,
                                         .deviation = base::Seconds{6.261e-03},
                                         .offset = base::Seconds{-3.247e-03},
                                         .offset_deviation = base::Seconds{2.220e-03},
                                         .frequency = 1.874e-06,
                                         .skew = 1.080e-06,
                                         .stress = 7.8e-02,
                                         .samples = 16,
                                         .dropped = 0,
                                         .runs = 8}) ==
        "2016-08-10 05:40:50 203.0.113.15     6.261e-03 -3.247e-03  2.220e-03  1.874e-06  1.080e-06 7.8e-02  "
        "16 "
        "  0   8  0.00");
}

TEST_CASE("tracking has chrony's columns") {
  engine::TrackingRecord record{.time = at(2017y / 8 / 22, 13h + 22min + 36s),
                                .address = address,
                                .stratum = 2,
                                .frequency = {-3.541},
                                .skew = {0.075},
                                .offset = base::Seconds{-8.621e-06},
                                .leap = base::LeapIndicator::none,
                                .combined = 2,
                                .offset_deviation = base::Seconds{2.940e-03},
                                .remaining = base::Seconds{-2.084e-04},
                                .root_delay = base::Seconds{1.534e-02},
                                .root_dispersion = base::Seconds{3.472e-04},
                                .max_error = base::Seconds{8.304e-03}};
  CHECK(line_of(record) ==
        "2017-08-22 13:22:36 203.0.113.15     2     -3.541      0.075 -8.621e-06 N  2  2.940e-03 -2.084e-04  "
        "1.534e-02  3.472e-04  8.304e-03");
  record.address = {};
  record.reference_id = base::reference_id("MANU");
  CHECK(line_of(record).substr(20, 19) == "MANU             2 ");
}

TEST_CASE("a selection has chrony's columns") {
  engine::SelectionRecord record{.time = at(2022y / 5 / 1, 2h + 1min + 20s),
                                 .source = {7},
                                 .address = address,
                                 .reason = engine::Reason::best,
                                 .reach = 0377,
                                 .score = 1,
                                 .last_sample = base::Seconds{4.228e+01},
                                 .low = base::Seconds{-1.575e-04},
                                 .high = base::Seconds{1.239e-04}};
  CHECK(line_of(record) ==
        "2022-05-01 02:01:20 203.0.113.15    * -----  377  1.00  4.228e+01 -1.575e-04  1.239e-04");
  record.options = {.no_select = true, .prefer = true, .trust = true, .require = true};
  record.address = {};
  CHECK(line_of(record).substr(20, 23) == "ID#0000000007   * -NPTR");
}

TEST_CASE("a temperature has chrony's columns") {
  CHECK(line_of(engine::TemperatureRecord{
            .time = at(2015y / 4 / 19, 10h + 39min + 48s), .temperature = 28000, .compensation = {0.366}}) ==
        "2015-04-19 10:39:48  2.8000e+04  3.6600e-01");
}

TEST_CASE("a reading of a reference clock and what the filter makes of them have chrony's columns") {
  engine::RefclockRecord record{.time = at(2009y / 11 / 30, 14h + 33min + 27s) + 515us,
                                .reference_id = base::reference_id("PPS2"),
                                .polls = 7,
                                .pulse = true,
                                .raw_offset = base::Seconds{4.900000e-7},
                                .offset = base::Seconds{-6.741777e-7},
                                .dispersion = base::Seconds{1e-6}};
  CHECK(line_of(record) == "2009-11-30 14:33:27.000515 PPS2    7 N 1  4.900000e-07 -6.741777e-07  1.000e-06");
  record.filtered = true;
  record.offset = base::Seconds{-6.76e-7};
  CHECK(line_of(record) == "2009-11-30 14:33:27.000515 PPS2    - N -       -       -6.760000e-07  1.000e-06");
}

TEST_CASE("every log has a heading, and other files none") {
  for (const auto log : ipc::log_kinds) CHECK(core::heading_of(log).starts_with("   Date (UTC) Time"));
  CHECK(core::heading_of(ipc::FileKind::sensor).empty());
  CHECK(ipc::log_name(ipc::FileKind::sensor).empty());
}
