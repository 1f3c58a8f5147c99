// SPDX-License-Identifier: GPL-2.0-or-later
// The commands by which an operator acts upon the daemon as a whole: its clock, the selection, its keys.
#include <algorithm>
#include <array>

#include "daemon/core/cmdmon/command.hpp"

namespace gnomon::core::cmdmon {

namespace {

namespace reply = wire::reply;

constexpr auto done = wire::Status::success;

template <class T>
wire::Reply steer(const wire::Nothing& /*none*/, Services& services) {
  return apply_command(engine::OperatorCommand{T{}}, services);
}

wire::Reply allow_steps(const wire::MakeStep& step, Services& services) {
  return apply_command(engine::OperatorCommand{engine::AllowSteps{{step.threshold, step.limit}}}, services);
}

wire::Reply limit_update_skew(const wire::Number& ppm, Services& services) {
  return apply_command(engine::OperatorCommand{engine::LimitUpdateSkew{{ppm.value}}}, services);
}

wire::Reply set_reselect_distance(const wire::Number& seconds, Services& services) {
  return apply_command(engine::OperatorCommand{engine::SetReselectDistance{base::Seconds{seconds.value}}},
                       services);
}

wire::Reply add_frequency(const wire::Number& ppm, Services& services) {
  return apply_command(engine::OperatorCommand{engine::AddFrequency{{ppm.value}}}, services);
}

wire::Reply add_offset(const wire::Number& seconds, Services& services) {
  return apply_command(engine::OperatorCommand{engine::AddOffset{base::Seconds{seconds.value}}}, services);
}

// What chronyc lets through, chronyd takes: a stratum out of range is the nearest one.
wire::Reply serve_local(const wire::Local& local, Services& services) {
  if (!local.on) return apply_command(engine::OperatorCommand{engine::ServeLocal{}}, services);
  const config::Local settings{.stratum = {static_cast<std::uint8_t>(std::clamp(local.stratum, 1, 15))},
                               .distance = local.distance,
                               .activate = local.activate,
                               .orphan = local.orphan,
                               .wait_synced = local.wait_synced,
                               .wait_unsynced = local.wait_unsynced};
  return apply_command(engine::OperatorCommand{engine::ServeLocal{settings}}, services);
}

wire::Reply manual(const wire::Choice& choice, Services& services) {
  switch (choice.value) {
    case 0:
      return apply_command(engine::OperatorCommand{engine::AcceptManual{false}}, services);
    case 1:
      return apply_command(engine::OperatorCommand{engine::AcceptManual{true}}, services);
    case 2:
      return apply_command(engine::OperatorCommand{engine::ForgetManual{}}, services);
    default:
      return failure(wire::Status::invalid);
  }
}

wire::Reply delete_manual(const wire::Choice& index, Services& services) {
  if (index.value < 0) return failure(wire::Status::bad_sample);
  return apply_command(engine::OperatorCommand{engine::DeleteManual{static_cast<std::size_t>(index.value)}},
                       services);
}

wire::Reply set_time(const wire::SetTime& time, Services& services) {
  const auto set = services.reporter.set_time(time.time);
  if (!set) return failure(status_of(set.error()));
  return {.body = reply::ManualTimestamp{set->offset, set->frequency_change, set->frequency}};
}

wire::Reply smooth_time(const wire::Choice& choice, Services& services) {
  if (!services.reporter.smoothing().configured) return failure(wire::Status::not_enabled);
  if (choice.value != 0 && choice.value != 1) return failure(wire::Status::invalid);
  const auto applied = services.reporter.smooth_time(
      choice.value == 0 ? control::SmoothTimeCommand::reset : control::SmoothTimeCommand::activate);
  return failure(applied ? done : status_of(applied.error()));
}

// chronyd has nothing to say when there are no keys to be read again.
wire::Reply rekey(const wire::Nothing& /*none*/, Services& services) {
  const auto applied = services.reporter.rekey();
  const bool well = applied || applied.error().kind == engine::RefusalKind::not_enabled;
  return failure(well ? done : status_of(applied.error()));
}

wire::Reply cycle_logs(const wire::Nothing& /*none*/, Services& services) {
  services.reporter.cycle_logs();
  return failure(done);
}

// The daemon ends once the reply is sent.
wire::Reply shut_down(const wire::Nothing& /*none*/, Services& /*services*/) {
  return failure(done);
}

template <control::RtcCommand What>
wire::Reply real_time_clock(const wire::Nothing& /*none*/, Services& services) {
  const auto applied = services.reporter.apply(What);
  if (applied) return failure(done);
  const bool none = applied.error().kind == engine::RefusalKind::not_enabled;
  return failure(none ? wire::Status::no_rtc : status_of(applied.error()));
}

constexpr std::array clock_table{
    Command{wire::Code::makestep, with<wire::Nothing, steer<engine::CorrectNow>>},
    Command{wire::Code::modify_makestep, with<wire::MakeStep, allow_steps>},
    Command{wire::Code::modify_maxupdateskew, with<wire::Number, limit_update_skew>},
    Command{wire::Code::reselect, with<wire::Nothing, steer<engine::SelectAnew>>},
    Command{wire::Code::reselectdistance, with<wire::Number, set_reselect_distance>},
    Command{wire::Code::dfreq, with<wire::Number, add_frequency>},
    Command{wire::Code::doffset, with<wire::Number, add_offset>},
    Command{wire::Code::local, with<wire::Local, serve_local>},
    Command{wire::Code::local2, with<wire::Local, serve_local>},
    Command{wire::Code::manual, with<wire::Choice, manual>},
    Command{wire::Code::manual_delete, with<wire::Choice, delete_manual>},
    Command{wire::Code::settime, with<wire::SetTime, set_time>},
    Command{wire::Code::smoothtime, with<wire::Choice, smooth_time>},
    Command{wire::Code::rekey, with<wire::Nothing, rekey>},
    Command{wire::Code::cyclelogs, with<wire::Nothing, cycle_logs>},
    Command{wire::Code::shutdown, with<wire::Nothing, shut_down>},
    Command{wire::Code::trimrtc, with<wire::Nothing, real_time_clock<control::RtcCommand::trim>>},
    Command{wire::Code::writertc, with<wire::Nothing, real_time_clock<control::RtcCommand::write>>},
};

}  // namespace

Commands clock_commands() {
  return clock_table;
}

}  // namespace gnomon::core::cmdmon
