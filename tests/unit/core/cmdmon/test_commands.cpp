// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/core/cmdmon/requests.hpp"

using namespace gnomon;
using namespace gnomon::testing;
using core::control::AccessList;
using wire::Code;
using wire::Status;
namespace control = core::control;

namespace {

const std::string one = "04800000";

struct Desk : CommandDesk {
  // The engine's value that a request becomes.
  template <class T>
  T engine_command(Code code, const std::string& data = {}) {
    CHECK(status(code, data) == Status::success);
    REQUIRE_FALSE(reporter.operator_commands.empty());
    const auto* const command = std::get_if<T>(&reporter.operator_commands.back());
    REQUIRE(command != nullptr);
    return *command;
  }
  template <class T>
  T source_command(Code code, const std::string& data = {}) {
    CHECK(status(code, data) == Status::success);
    REQUIRE_FALSE(reporter.source_commands.empty());
    const auto* const command = std::get_if<T>(&reporter.source_commands.back());
    REQUIRE(command != nullptr);
    return *command;
  }
};

const std::string number_five = "00000005" + std::string(24, '0') + "00030000";

}  // namespace

TEST_CASE("commands for the clock become the engine's values") {
  Desk desk;
  desk.engine_command<engine::CorrectNow>(Code::makestep);
  desk.engine_command<engine::SelectAnew>(Code::reselect);
  CHECK(desk.engine_command<engine::AllowSteps>(Code::modify_makestep, "ffffffff" + one).make_step ==
        config::MakeStep{base::Seconds{1}, -1});
  CHECK(desk.engine_command<engine::LimitUpdateSkew>(Code::modify_maxupdateskew, one).limit == base::Ppm{1});
  CHECK(desk.engine_command<engine::SetReselectDistance>(Code::reselectdistance, one).distance ==
        base::Seconds{1});
  CHECK(desk.engine_command<engine::AddFrequency>(Code::dfreq, one).faster == base::Ppm{1});
  CHECK(desk.engine_command<engine::AddOffset>(Code::doffset, one).ahead == base::Seconds{1});
}

TEST_CASE("local, as chronyc of today and as an older one says it") {
  Desk desk;
  const std::string words =
      "00000001"
      "00000014" +
      one + "00000001";
  auto expected = config::Local{.stratum = {15}, .distance = base::Seconds{1}, .orphan = true};
  CHECK(desk.engine_command<engine::ServeLocal>(Code::local2, words).local == expected);
  expected.activate = expected.wait_synced = expected.wait_unsynced = base::Seconds{1};
  CHECK(desk.engine_command<engine::ServeLocal>(Code::local, words + one + one + one).local == expected);
  CHECK_FALSE(desk.engine_command<engine::ServeLocal>(Code::local).local);
}

TEST_CASE("times by hand") {
  Desk desk;
  CHECK_FALSE(desk.engine_command<engine::AcceptManual>(Code::manual, "00000000").accept);
  CHECK(desk.engine_command<engine::AcceptManual>(Code::manual, "00000001").accept);
  desk.engine_command<engine::ForgetManual>(Code::manual, "00000002");
  CHECK(desk.status(Code::manual, "00000003") == Status::invalid);
  CHECK(desk.engine_command<engine::DeleteManual>(Code::manual_delete, "00000002").index == 2);
  CHECK(desk.status(Code::manual_delete, "ffffffff") == Status::bad_sample);
  desk.reporter.manual_outcome = engine::ManualOutcome{base::Seconds{1}, {1}, {1}};
  CHECK(desk.ask(Code::settime, "000000000000000500000000").data == one + one + one);
  CHECK(desk.reporter.times.back() == base::RealTime{std::chrono::seconds{5}});
  desk.reporter.manual_outcome =
      std::unexpected(engine::Refusal{engine::RefusalKind::not_enabled, "not now"});
  CHECK(desk.status(Code::settime) == Status::not_enabled);
}

TEST_CASE("the real-time clock is set and its file written, if there is one") {
  Desk desk;
  CHECK(desk.status(Code::trimrtc) == Status::success);
  CHECK(desk.status(Code::writertc) == Status::success);
  CHECK(desk.reporter.rtc_commands == std::vector{control::RtcCommand::trim, control::RtcCommand::write});
  using engine::RefusalKind;
  desk.reporter.rtc_result = std::unexpected(engine::Refusal{RefusalKind::not_enabled, "no rtcfile"});
  CHECK(desk.status(Code::trimrtc) == Status::no_rtc);
  desk.reporter.rtc_result = std::unexpected(engine::Refusal{RefusalKind::bad_file, "no space"});
  CHECK(desk.status(Code::writertc) == Status::bad_rtc_file);
  desk.reporter.rtc_result = std::unexpected(engine::Refusal{"with -x"});
  CHECK(desk.status(Code::trimrtc) == Status::failed);
}

TEST_CASE("smoothtime") {
  Desk desk;
  CHECK(desk.status(Code::smoothtime) == Status::not_enabled);
  desk.reporter.smoothing_report.configured = true;
  CHECK(desk.status(Code::smoothtime, "00000000") == Status::success);
  CHECK(desk.status(Code::smoothtime, "00000001") == Status::success);
  CHECK(desk.reporter.smooth_commands ==
        std::vector{control::SmoothTimeCommand::reset, control::SmoothTimeCommand::activate});
  CHECK(desk.status(Code::smoothtime, "00000002") == Status::invalid);
}

TEST_CASE("rekey without keys is no failure, as with chronyd") {
  Desk desk;
  CHECK(desk.status(Code::rekey) == Status::success);
  desk.reporter.rekey_result = std::unexpected(engine::Refusal{engine::RefusalKind::not_enabled, "no keys"});
  CHECK(desk.status(Code::rekey) == Status::success);
  desk.reporter.rekey_result = std::unexpected("the file cannot be read");
  CHECK(desk.status(Code::rekey) == Status::failed);
}

TEST_CASE("sources are meant by mask, by address, by number, or all of them") {
  Desk desk;
  const auto online = [&](const std::string& data) {
    return desk.source_command<control::SetOnline>(Code::online, data);
  };
  CHECK(online(no_address_hex + no_address_hex) == control::SetOnline{true, {}});
  CHECK(online(address_hex("255.255.255.0") + address_hex("192.0.2.7")) ==
        control::SetOnline{true, base::parse_subnet("192.0.2.0/24")});
  CHECK(online(address_hex("ffff:ffff:8000::") + address_hex("2001:db8:ffff::1")) ==
        control::SetOnline{true, base::parse_subnet("2001:db8:8000::/33")});
  CHECK(online(address_hex("0.0.0.0") + address_hex("192.0.2.7")) ==
        control::SetOnline{true, base::parse_subnet("0.0.0.0/0")});
  CHECK(online(no_address_hex + address_hex("192.0.2.7")) ==
        control::SetOnline{true, base::parse_subnet("192.0.2.7/32")});
  CHECK(online(no_address_hex + number_five) == control::SetOnline{true, {}, base::SourceId{5}});
  CHECK_FALSE(desk.source_command<control::SetOnline>(Code::offline).online);
  for (const auto& mask : {"255.0.255.0", "0.0.0.255", "ffff::"})
    CHECK(desk.status(Code::online, address_hex(mask) + address_hex("192.0.2.7")) == Status::no_such_source);
}

TEST_CASE("burst within the bounds of chrony") {
  Desk desk;
  const auto nobody = no_address_hex + no_address_hex;
  CHECK(desk.source_command<control::Burst>(Code::burst, nobody + "0000000400000008") ==
        control::Burst{4, 8, {}});
  CHECK(desk.source_command<control::Burst>(Code::burst, nobody + "00000009ffffffff") ==
        control::Burst{1, 1, {}});
}

TEST_CASE("settings of a source are named by the command") {
  Desk desk;
  const auto source = address_hex("192.0.2.7");
  const std::vector<std::pair<Code, std::string>> whole{{Code::modify_minpoll, "minpoll"},
                                                        {Code::modify_maxpoll, "maxpoll"},
                                                        {Code::modify_minstratum, "minstratum"},
                                                        {Code::modify_polltarget, "polltarget"}};
  for (const auto& [code, name] : whole)
    CHECK(desk.source_command<control::ModifySource>(code, source + "00000006") ==
          control::ModifySource{"192.0.2.7", name, 6});
  const std::vector<std::pair<Code, std::string>> real{{Code::modify_maxdelay, "maxdelay"},
                                                       {Code::modify_maxdelayratio, "maxdelayratio"},
                                                       {Code::modify_maxdelaydevratio, "maxdelaydevratio"}};
  for (const auto& [code, name] : real)
    CHECK(desk.source_command<control::ModifySource>(code, source + one) ==
          control::ModifySource{"192.0.2.7", name, 1});
  CHECK(desk.source_command<control::ModifySource>(Code::modify_offset, source + "00000000" + one) ==
        control::ModifySource{"192.0.2.7", "offset", 1});
  CHECK(desk.status(Code::modify_minpoll, no_address_hex + "00000006") == Status::no_such_source);
}

TEST_CASE("selection options: those under the mask are set or taken away") {
  Desk desk;
  const auto command =
      desk.source_command<control::SetSelectOptions>(Code::modify_selectopts, number_five +
                                                                                  "00000000"
                                                                                  "00000007"
                                                                                  "00000028");
  CHECK(command.source == "ID#0000000005");
  CHECK(command.options == std::vector<std::string>{"-noselect", "+prefer", "+trust"});
}

TEST_CASE("a reference clock is meant by its reference identifier, where there is no address") {
  Desk desk;
  const std::string pps = no_address_hex + "50505300";
  const std::string gps = no_address_hex + "47505300";
  CHECK(desk.status(Code::modify_offset, pps + one) == Status::no_such_source);
  desk.reporter.source_reports.emplace_back();
  desk.reporter.source_reports[0].association.id = {3};
  desk.reporter.source_reports[0].association.clock_id = {0x50505300};
  desk.memory.clear();
  CHECK(desk.source_command<control::ModifySource>(Code::modify_offset, pps + one) ==
        control::ModifySource{"ID#0000000003", "offset", 1});
  const std::string no_select = "0000000100000010";
  CHECK(desk.source_command<control::SetSelectOptions>(Code::modify_selectopts, pps + no_select) ==
        control::SetSelectOptions{"ID#0000000003", {"+noselect"}});
  CHECK(desk.status(Code::modify_selectopts, gps + no_select) == Status::no_such_source);
}

TEST_CASE("what concerns all sources") {
  Desk desk;
  desk.source_command<control::FollowNetwork>(Code::onoffline);
  desk.source_command<control::RefreshNames>(Code::refresh);
  desk.source_command<control::ReloadSources>(Code::reload_sources);
  desk.source_command<control::ResetSources>(Code::reset_sources);
  desk.source_command<control::DumpState>(Code::dump);
  CHECK(desk.source_command<control::DeleteSource>(Code::del_source, address_hex("::1")).source == "::1");
}

TEST_CASE("access lists") {
  Desk desk;
  const auto changed = [&](Code code, const std::string& data) {
    CHECK(desk.status(code, data) == Status::success);
    return desk.reporter.access_changes.back();
  };
  const auto subnet = *base::parse_subnet("192.0.2.0/24");
  const auto data = address_hex("192.0.2.1") + "00000018";
  CHECK(changed(Code::allow, data) == control::ChangeAccess{AccessList::ntp, {true, subnet, false}});
  CHECK(changed(Code::deny_all, data) == control::ChangeAccess{AccessList::ntp, {false, subnet, true}});
  CHECK(changed(Code::cmdallow_all, data) ==
        control::ChangeAccess{AccessList::commands, {true, subnet, true}});
  CHECK(changed(Code::cmddeny, no_address_hex + "00000000") ==
        control::ChangeAccess{AccessList::commands, {false, {}, false}});
  for (const auto* const bits : {"00000021", "ffffffff"})
    CHECK(desk.status(Code::allow, address_hex("192.0.2.1") + bits) == Status::bad_subnet);
  CHECK(desk.status(Code::allow, no_address_hex + "00000001") == Status::bad_subnet);
  desk.reporter.allowed_list = AccessList::commands;
  desk.reporter.allowed_address = *base::parse_address("192.0.2.1");
  CHECK(desk.status(Code::cmdaccheck, address_hex("192.0.2.1")) == Status::access_allowed);
  CHECK(desk.status(Code::accheck, address_hex("192.0.2.1")) == Status::access_denied);
}
