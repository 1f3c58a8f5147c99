// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/core/cmdmon/requests.hpp"

using namespace gnomon;
using namespace gnomon::testing;
using wire::Code;
using wire::ReplyCode;
using wire::Status;

namespace {

// 16, 8, ... seconds as they are sent.
const std::string one = "04800000";
const std::string sixteen = "0c800000";

core::control::SourceReport source() {
  core::control::SourceReport report;
  report.association = {.id = {4},
                        .kind = config::SourceKind::peer,
                        .name = "ntp.example",
                        .address = *base::parse_address("192.0.2.4"),
                        .port = 1123,
                        .poll = {7},
                        .stratum = 2,
                        .reach = 255,
                        .last_rx = std::chrono::milliseconds{1500}};
  report.association.auth = {.mode = engine::AuthMode::nts,
                             .key_id = 2,
                             .key_type = 30,
                             .key_length = 128,
                             .ke_attempts = 100000,
                             .cookies = 8,
                             .cookie_length = 100};
  report.association.select_options = {.no_select = true, .require = true};
  report.verdict = {
      .source = {4}, .state = engine::SourceState::combined, .reason = engine::Reason::combined};
  report.verdict.evidence = {.low = base::Seconds{-16},
                             .high = base::Seconds{1},
                             .score = 1,
                             .age = base::Duration{std::chrono::seconds{1}}};
  report.verdict.effective = {.prefer = true, .trust = true};
  report.statistics = {.samples = 5,
                       .runs = 3,
                       .span = base::Seconds{63.6},
                       .measured_offset = base::Seconds{1},
                       .adjusted_offset = base::Seconds{16},
                       .error = base::Seconds{1}};
  return report;
}

core::control::SourceReport unresolved() {
  core::control::SourceReport report;
  report.association = {.id = {9}, .name = "nosuch.invalid", .activity = engine::Activity::unresolved};
  return report;
}

struct Desk : CommandDesk {
  Desk() { reporter.source_reports = {source(), unresolved()}; }
};

const std::string number_nine = "00000009" + std::string(24, '0') + "00030000";

}  // namespace

TEST_CASE("one source after the other, by its place in the list") {
  Desk desk;
  CHECK(desk.ask(Code::n_sources).data == "00000002");
  const auto reply = desk.ask(Code::source_data, "00000000");
  CHECK(reply.code == ReplyCode::source_data);
  CHECK(reply.data == address_hex("192.0.2.4") +
                          "0007"
                          "0002"
                          "0004"
                          "0001"
                          "0000"
                          "00ff"
                          "00000001" +
                          one + sixteen + one);
  CHECK(desk.ask(Code::source_data, "00000001").data.starts_with(number_nine));
  CHECK(desk.status(Code::source_data, "00000002") == Status::no_such_source);
  CHECK(desk.status(Code::source_data, "ffffffff") == Status::no_such_source);
}

TEST_CASE("statistics and selection of a source have its reference id") {
  Desk desk;
  CHECK(desk.ask(Code::sourcestats, "00000000")
            .data.starts_with("c0000204" + address_hex("192.0.2.4") +
                              "00000005"
                              "00000003"
                              "00000040"));
  CHECK(desk.ask(Code::sourcestats, "00000001").data.starts_with("00000000" + number_nine + "00000000"));
  // Reports count from our side: the interval -1 .. 16.
  CHECK(desk.ask(Code::select_data, "00000000").data == "c0000204" + address_hex("192.0.2.4") +
                                                            "2b"
                                                            "01"
                                                            "03"
                                                            "00"
                                                            "0009"
                                                            "0006"
                                                            "00000001" +
                                                            one + "05800000" + sixteen);
}

TEST_CASE("a source is found by its address, or by its number while it has none") {
  Desk desk;
  const auto name = desk.ask(Code::ntp_source_name, address_hex("192.0.2.4"));
  CHECK(name.data.starts_with(base::to_hex(base::as_bytes("ntp.example")) + "00"));
  CHECK(desk.ask(Code::ntp_source_name, number_nine)
            .data.starts_with(base::to_hex(base::as_bytes("nosuch.invalid"))));
  for (const auto code : {Code::ntp_source_name, Code::ntp_data, Code::auth_data}) {
    CHECK(desk.status(code, address_hex("192.0.2.5")) == Status::no_such_source);
    CHECK(desk.status(code, no_address_hex) == Status::no_such_source);
  }
}

TEST_CASE("authentication data, bounded by its fields") {
  Desk desk;
  CHECK(desk.ask(Code::auth_data, address_hex("192.0.2.4")).data ==
        "0002"
        "001e"
        "00000002"
        "0080"
        "ffff"
        "ffffffff"
        "0008"
        "0064"
        "0000"
        "0000");
}

TEST_CASE("the last response: nothing before the first one but address and port") {
  Desk desk;
  const auto data = desk.ask(Code::ntp_data, address_hex("192.0.2.4")).data;
  CHECK(data.starts_with(address_hex("192.0.2.4") + no_address_hex +
                         "0463"
                         "00"
                         "00"
                         "00"));
  CHECK(data.ends_with(std::string(32, 'f')));
}

TEST_CASE("tracking is the daemon's own") {
  Desk desk;
  desk.reporter.tracking_report = {.reference_id = base::local_reference_id,
                                   .stratum = 10,
                                   .system_time = base::Seconds{1},
                                   .leap = base::LeapIndicator::none};
  const auto reply = desk.ask(Code::tracking);
  CHECK(reply.code == ReplyCode::tracking);
  CHECK(reply.data.starts_with("7f7f0101" + no_address_hex +
                               "000a"
                               "0000" +
                               std::string(24, '0') + one));
}

TEST_CASE("activity counts sources by what they do") {
  Desk desk;
  CHECK(desk.ask(Code::activity).data ==
        "00000001"
        "00000000"
        "00000000"
        "00000000"
        "00000001");
  desk.reporter.members_missing = 5;  // of pools
  CHECK(desk.ask(Code::activity).data.ends_with("00000006"));
}

TEST_CASE("smoothing that is not configured is not enabled") {
  Desk desk;
  CHECK(desk.status(Code::smoothing) == Status::not_enabled);
  desk.reporter.smoothing_report = {.configured = true, .active = true, .offset = base::Seconds{1}};
  CHECK(desk.ask(Code::smoothing).data.starts_with("00000001" + one));
}

TEST_CASE("server statistics go to an older chronyc in the form that it knows") {
  Desk desk;
  desk.reporter.server_report.ntp_hits = 5;
  CHECK(desk.ask(Code::server_stats).code == ReplyCode::server_stats4);
  const auto older = desk.ask(command_request(Code::server_stats, {}, 72));
  CHECK(older.code == ReplyCode::server_stats3);
  CHECK(older.data.starts_with("00000005"));
}

TEST_CASE("times entered by hand are listed") {
  Desk desk;
  desk.reporter.manual_list = {{.time = base::RealTime{std::chrono::seconds{2}},
                                .slewed = base::Seconds{1},
                                .original = base::Seconds{16},
                                .residual = base::Seconds{1}}};
  CHECK(desk.ask(Code::manual_list)
            .data.starts_with("00000001"
                              "000000000000000200000000" +
                              one + sixteen + one));
}

TEST_CASE("what this daemon has not is said as chronyd says it") {
  Desk desk;
  CHECK(desk.status(Code::rtcreport) == Status::no_rtc);
  desk.reporter.rtc_report = {.used = true,
                              .reference = base::RealTime{std::chrono::seconds{1262314980}},
                              .samples = 64,
                              .runs = 30,
                              .span = base::Seconds{9000},
                              .fast = base::Seconds{1},
                              .gain = {1}};
  CHECK(desk.ask(Code::rtcreport).data ==
        "00000000" + std::string{"4b3d65e4"} + "00000000" + "0040" + "001e" + "00002328" + one + one);
  desk.reporter.clients_page = std::unexpected(engine::Refusal{engine::RefusalKind::no_client_log, "none"});
  CHECK(desk.status(Code::client_accesses) == Status::inactive);
}

TEST_CASE("clients come by index, eight at most, with all that is known of each") {
  Desk desk;
  engine::ClientAccess client{.address = *base::parse_address("192.0.2.7"),
                              .ntp = {.hits = 24, .drops = 2, .interval = 6, .last = std::chrono::seconds{9}},
                              .key_exchange = {.hits = 1, .last = std::chrono::seconds{26}},
                              .commands = {.hits = 3, .drops = 1, .interval = -4},
                              .ntp_interval_after_drop = 3};
  desk.reporter.clients_page = engine::ClientsPage{.indices = 64, .next = 64, .clients = {client}};
  const auto reply = desk.ask(Code::client_accesses, "00000007000000090000000a00000001");
  CHECK(reply.code == ReplyCode::client_accesses);
  CHECK(reply.data ==
        "00000040"
        "00000040"
        "00000001" +
            address_hex("192.0.2.7") +
            "00000018"
            "00000001"
            "00000003"
            "00000002"
            "00000000"
            "00000001"
            "067ffc03"
            "00000009"
            "0000001a"
            "ffffffff" +
            std::string(std::size_t{2} * 7 * 60, '0'));
  REQUIRE(desk.reporter.client_queries.size() == 1);
  const auto& query = desk.reporter.client_queries[0];
  CHECK(query.first == 7);
  CHECK(query.most == 8);
  CHECK(query.least_hits == 10);
  CHECK(query.reset);
}

TEST_CASE("a page that is not the last one is full, with clients that chronyc passes over") {
  Desk desk;
  desk.reporter.clients_page = engine::ClientsPage{.indices = 100'000, .next = 65'536, .clients = {}};
  CHECK(desk.ask(Code::client_accesses, "0000000000000008")
            .data.starts_with("000186a0"
                              "00010000"
                              "00000008" +
                              no_address_hex));
  CHECK(desk.ask(Code::client_accesses, "0000000000000000")
            .data.starts_with("000186a0"
                              "00010000"
                              "00000000"));
}
