// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/cmdmon/answer.hpp"

#include "tests/unit/core/cmdmon/requests.hpp"

using namespace gnomon;
using namespace gnomon::testing;
using core::cmdmon::OpenCommands;
using core::cmdmon::Right;
using wire::Code;
using wire::Status;

TEST_CASE("every command of the protocol has a row here") {
  for (const auto& form : wire::request_forms()) {
    INFO(static_cast<int>(form.code));
    CommandDesk desk;
    const auto reply = desk.ask(form.code);
    CHECK(reply.status != Status::bad_packet_length);
    CHECK((reply.status != Status::invalid || form.code == Code::add_source));
    if (reply.status == Status::success) CHECK(reply.code == form.reply);
  }
}

TEST_CASE("who may only look gets what opencommands names, and nothing is changed for him") {
  for (const auto& form : wire::request_forms()) {
    INFO(static_cast<int>(form.code));
    CommandDesk desk;
    desk.right = Right::open_commands;
    CHECK(desk.status(form.code) == Status::unauthorised);
    const std::vector<std::string> names{"activity", "authdata",    "clients",     "manual",    "ntpdata",
                                         "rtcdata",  "selectdata",  "serverstats", "smoothing", "sourcename",
                                         "sources",  "sourcestats", "tracking"};
    desk.open = OpenCommands{names};
    const bool checks = form.code == Code::accheck || form.code == Code::cmdaccheck;
    CHECK((desk.status(form.code) == Status::unauthorised) == (!form.only_reads || checks));
    CHECK(desk.reporter.operator_commands.empty());
    CHECK(desk.reporter.source_commands.empty());
    CHECK(desk.reporter.access_changes.empty());
    CHECK_FALSE(desk.shut_down);
  }
}

TEST_CASE("a name of opencommands opens the requests that chronyc makes for it") {
  const std::vector<std::string> names{"sources"};
  const OpenCommands open{names};
  CHECK(open.has(Code::n_sources));
  CHECK(open.has(Code::source_data));
  CHECK_FALSE(open.has(Code::sourcestats));
  CHECK_FALSE(open.has(Code::tracking));
}

TEST_CASE("errors in the request are told before rights are asked for") {
  CommandDesk desk;
  desk.right = Right::open_commands;
  CHECK(desk.ask(command_request(Code::online, {}, 59)).status == Status::bad_packet_length);
  CHECK(desk.status(static_cast<Code>(10)) == Status::invalid);
  auto old = command_request(Code::tracking);
  old[0] = 5;
  CHECK(desk.ask(old).status == Status::bad_packet_version);
}

TEST_CASE("a version that is too old to understand a reply gets none") {
  CommandDesk desk;
  auto request = command_request(Code::tracking);
  request[0] = 4;
  core::cmdmon::Services services{desk.reporter, desk.memory};
  const auto header = wire::read_header(request);
  REQUIRE(header);
  CHECK(core::cmdmon::answer(*header, request, Right::everything, desk.open, services).reply.empty());
}

TEST_CASE("the daemon is to end after the reply to shutdown") {
  CommandDesk desk;
  CHECK(desk.status(Code::shutdown) == Status::success);
  CHECK(desk.shut_down);
  CHECK(desk.reporter.shut_downs == 0);
  CHECK(desk.status(Code::tracking) == Status::success);
  CHECK_FALSE(desk.shut_down);
}

TEST_CASE("sources are listed once for a moment, and again after a command") {
  CommandDesk desk;
  CHECK(desk.ask(Code::n_sources).data == "00000000");
  desk.reporter.source_reports.resize(2);
  CHECK(desk.ask(Code::n_sources).data == "00000000");
  CHECK(desk.status(Code::reselect) == Status::success);
  CHECK(desk.ask(Code::n_sources).data == "00000002");
  desk.reporter.source_reports.resize(3);
  desk.now += std::chrono::milliseconds{51};
  CHECK(desk.ask(Code::n_sources).data == "00000003");
}

TEST_CASE("a refusal becomes the status that chronyc has words for") {
  using engine::Refusal;
  using engine::RefusalKind;
  const std::vector<std::pair<RefusalKind, Status>> expected{
      {RefusalKind::failed, Status::failed},
      {RefusalKind::no_such_source, Status::no_such_source},
      {RefusalKind::source_already_present, Status::source_already_known},
      {RefusalKind::too_many_sources, Status::too_many_sources},
      {RefusalKind::invalid_name, Status::invalid_name},
      {RefusalKind::not_enabled, Status::not_enabled},
      {RefusalKind::no_such_entry, Status::bad_sample}};
  for (const auto& [kind, status] : expected) {
    CommandDesk desk;
    desk.reporter.source_command_result = std::unexpected(Refusal{kind, "because"});
    CHECK(desk.status(Code::refresh) == status);
  }
}
