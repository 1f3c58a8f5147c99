// SPDX-License-Identifier: GPL-2.0-or-later
// The table of commands: what each says, and which reply it gets.
#include <algorithm>
#include <array>

#include "protocol/cmdmon/reply.hpp"
#include "protocol/cmdmon/request.hpp"

namespace gnomon::protocol::cmdmon {

namespace {

using Reader = FieldReader;

base::Seconds seconds(Reader& r) {
  return base::Seconds{r.number()};
}

Body nothing(Reader& /*none*/) {
  return Nothing{};
}
// A word that says nothing.
Body unused(Reader& r) {
  static_cast<void>(r.u32());
  return Nothing{};
}
Within read_within(Reader& r) {
  Within within;
  within.mask = r.address();
  within.address = r.address();
  return within;
}
Body within(Reader& r) {
  return read_within(r);
}
Body burst(Reader& r) {
  Burst burst{.within = read_within(r)};
  burst.good = r.i32();
  burst.total = r.i32();
  return burst;
}
Body modify_whole(Reader& r) {
  Modify modify{.source = r.address()};
  modify.value = r.i32();
  return modify;
}
Body modify(Reader& r) {
  Modify modify{.source = r.address()};
  modify.value = r.number();
  return modify;
}
Body number(Reader& r) {
  return Number{r.number()};
}
Body choice(Reader& r) {
  return Choice{r.i32()};
}
Body make_step(Reader& r) {
  MakeStep step{.limit = r.i32()};
  step.threshold = seconds(r);
  return step;
}
Body set_time(Reader& r) {
  return SetTime{r.time()};
}
Local read_local(Reader& r) {
  Local local{.on = r.u32() != 0};
  local.stratum = r.i32();
  local.distance = seconds(r);
  local.orphan = r.u32() != 0;
  return local;
}
Body local2(Reader& r) {
  return read_local(r);
}
Body local(Reader& r) {
  auto local = read_local(r);
  local.activate = seconds(r);
  local.wait_synced = seconds(r);
  local.wait_unsynced = seconds(r);
  return local;
}
Body access(Reader& r) {
  Access access{.address = r.address()};
  access.bits = r.i32();
  return access;
}
Body target(Reader& r) {
  return Target{r.address()};
}
Body clients(Reader& r) {
  Clients clients{.first = r.u32()};
  clients.count = r.u32();
  clients.least_hits = r.u32();
  clients.reset = r.u32() != 0;
  return clients;
}
Body select_options(Reader& r) {
  SelectOptions options{.source = r.address()};
  options.reference_id = {r.u32()};
  options.mask = r.u32();
  options.options = r.u32();
  return options;
}
Body offset(Reader& r) {
  Offset offset{.source = r.address()};
  offset.reference_id = {r.u32()};
  offset.offset = seconds(r);
  return offset;
}
std::optional<std::string> name(Reader& r) {
  const auto octets = r.octets(name_size);
  const auto end = std::ranges::find(octets, 0);
  if (end == octets.end()) return std::nullopt;
  return std::string{octets.begin(), end};
}
Body add_source(Reader& r) {
  AddSource source{.type = r.u32()};
  source.name = name(r);
  source.port = r.u32();
  source.min_poll = r.i32();
  source.max_poll = r.i32();
  source.presend = r.i32();
  source.min_stratum = r.u32();
  source.poll_target = r.u32();
  source.version = r.u32();
  source.max_sources = r.u32();
  source.min_samples = r.i32();
  source.max_samples = r.i32();
  source.key_id = r.u32();
  source.nts_port = r.u32();
  source.max_delay = seconds(r);
  source.max_delay_ratio = r.number();
  source.max_delay_dev_ratio = r.number();
  source.min_delay = seconds(r);
  source.asymmetry = r.number();
  source.offset = seconds(r);
  source.flags = r.u32();
  source.filter = r.i32();
  source.cert_set = r.u32();
  source.max_delay_quantile = r.number();
  source.max_unreach = r.i32();
  return source;
}

constexpr std::array forms{
    RequestForm{Code::online, within, 40, ReplyCode::null},
    RequestForm{Code::offline, within, 40, ReplyCode::null},
    RequestForm{Code::burst, burst, 48, ReplyCode::null},
    RequestForm{Code::modify_minpoll, modify_whole, 24, ReplyCode::null},
    RequestForm{Code::modify_maxpoll, modify_whole, 24, ReplyCode::null},
    RequestForm{Code::dump, unused, 4, ReplyCode::null},
    RequestForm{Code::modify_maxdelay, modify, 24, ReplyCode::null},
    RequestForm{Code::modify_maxdelayratio, modify, 24, ReplyCode::null},
    RequestForm{Code::modify_maxupdateskew, number, 4, ReplyCode::null},
    RequestForm{Code::settime, set_time, 12, ReplyCode::manual_timestamp},
    RequestForm{Code::manual, choice, 4, ReplyCode::null},
    RequestForm{Code::n_sources, nothing, 0, ReplyCode::n_sources, true},
    RequestForm{Code::source_data, choice, 4, ReplyCode::source_data, true},
    RequestForm{Code::rekey, nothing, 0, ReplyCode::null},
    RequestForm{Code::allow, access, 24, ReplyCode::null},
    RequestForm{Code::allow_all, access, 24, ReplyCode::null},
    RequestForm{Code::deny, access, 24, ReplyCode::null},
    RequestForm{Code::deny_all, access, 24, ReplyCode::null},
    RequestForm{Code::cmdallow, access, 24, ReplyCode::null},
    RequestForm{Code::cmdallow_all, access, 24, ReplyCode::null},
    RequestForm{Code::cmddeny, access, 24, ReplyCode::null},
    RequestForm{Code::cmddeny_all, access, 24, ReplyCode::null},
    RequestForm{Code::accheck, target, 20, ReplyCode::null, true},
    RequestForm{Code::cmdaccheck, target, 20, ReplyCode::null, true},
    RequestForm{Code::del_source, target, 20, ReplyCode::null},
    RequestForm{Code::writertc, nothing, 0, ReplyCode::null},
    RequestForm{Code::dfreq, number, 4, ReplyCode::null},
    RequestForm{Code::tracking, nothing, 0, ReplyCode::tracking, true},
    RequestForm{Code::sourcestats, choice, 4, ReplyCode::sourcestats, true},
    RequestForm{Code::rtcreport, nothing, 0, ReplyCode::rtc, true},
    RequestForm{Code::trimrtc, nothing, 0, ReplyCode::null},
    RequestForm{Code::cyclelogs, nothing, 0, ReplyCode::null},
    RequestForm{Code::manual_list, nothing, 0, ReplyCode::manual_list, true},
    RequestForm{Code::manual_delete, choice, 4, ReplyCode::null},
    RequestForm{Code::makestep, nothing, 0, ReplyCode::null},
    RequestForm{Code::activity, nothing, 0, ReplyCode::activity, true},
    RequestForm{Code::modify_minstratum, modify_whole, 24, ReplyCode::null},
    RequestForm{Code::modify_polltarget, modify_whole, 24, ReplyCode::null},
    RequestForm{Code::modify_maxdelaydevratio, modify, 24, ReplyCode::null},
    RequestForm{Code::reselect, nothing, 0, ReplyCode::null},
    RequestForm{Code::reselectdistance, number, 4, ReplyCode::null},
    RequestForm{Code::modify_makestep, make_step, 8, ReplyCode::null},
    RequestForm{Code::smoothing, nothing, 0, ReplyCode::smoothing, true},
    RequestForm{Code::smoothtime, choice, 4, ReplyCode::null},
    RequestForm{Code::refresh, nothing, 0, ReplyCode::null},
    RequestForm{Code::server_stats, nothing, 0, ReplyCode::server_stats4, true},
    RequestForm{Code::local2, local2, 16, ReplyCode::null},
    RequestForm{Code::ntp_data, target, 20, ReplyCode::ntp_data2, true},
    RequestForm{Code::shutdown, nothing, 0, ReplyCode::null},
    RequestForm{Code::onoffline, nothing, 0, ReplyCode::null},
    RequestForm{Code::add_source, add_source, 352, ReplyCode::null},
    RequestForm{Code::ntp_source_name, target, 20, ReplyCode::ntp_source_name, true},
    RequestForm{Code::reset_sources, nothing, 0, ReplyCode::null},
    RequestForm{Code::auth_data, target, 20, ReplyCode::auth_data, true},
    RequestForm{Code::client_accesses, clients, 16, ReplyCode::client_accesses, true},
    RequestForm{Code::select_data, choice, 4, ReplyCode::select_data, true},
    RequestForm{Code::reload_sources, nothing, 0, ReplyCode::null},
    RequestForm{Code::doffset, number, 4, ReplyCode::null},
    RequestForm{Code::modify_selectopts, select_options, 32, ReplyCode::null},
    RequestForm{Code::modify_offset, offset, 28, ReplyCode::null},
    RequestForm{Code::local, local, 28, ReplyCode::null},
};

}  // namespace

std::span<const RequestForm> request_forms() {
  return forms;
}

}  // namespace gnomon::protocol::cmdmon
