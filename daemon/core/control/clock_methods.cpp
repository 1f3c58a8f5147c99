// SPDX-License-Identifier: GPL-2.0-or-later
// The methods by which an operator acts upon the daemon as a whole: its clock, the selection, its keys.
#include <array>

#include "daemon/core/control/message.hpp"
#include "daemon/core/control/method.hpp"
#include "daemon/core/control/render.hpp"

namespace gnomon::core::control {

namespace {

using engine::OperatorCommand;

constexpr double most_seconds = 1e10;
constexpr double most_ppm = 1e6;
constexpr int most_updates = 1'000'000'000;

base::Seconds seconds_or(Parameters& p, std::string_view name, base::Seconds otherwise) {
  return base::Seconds{p.number_or(name, otherwise.count(), 0, most_seconds)};
}

OperatorCommand read_local(Parameters& p) {
  if (!p.truth("on")) return engine::ServeLocal{};
  config::Local local;
  local.stratum = {static_cast<std::uint8_t>(p.integer_or("stratum", local.stratum.value, 1, 15))};
  local.distance = seconds_or(p, "distance", local.distance);
  local.activate = seconds_or(p, "activate", local.activate);
  local.orphan = p.truth_or("orphan", false);
  local.wait_synced = seconds_or(p, "wait_synced", local.wait_synced);
  local.wait_unsynced = seconds_or(p, "wait_unsynced", base::Seconds{local.orphan ? 300 : 0});
  return engine::ServeLocal{local};
}

OperatorCommand read_allow_steps(Parameters& p) {
  const base::Seconds threshold{p.number("threshold", 0, most_seconds)};
  return engine::AllowSteps{{threshold, p.integer("limit", -most_updates, most_updates)}};
}

OperatorCommand read_update_skew(Parameters& p) {
  return engine::LimitUpdateSkew{{p.number("skew", 0, most_ppm)}};
}

OperatorCommand read_reselect_distance(Parameters& p) {
  return engine::SetReselectDistance{base::Seconds{p.number("distance", 0, most_seconds)}};
}

OperatorCommand read_frequency(Parameters& p) {
  return engine::AddFrequency{{p.number("frequency", -most_ppm, most_ppm)}};
}

OperatorCommand read_offset(Parameters& p) {
  return engine::AddOffset{base::Seconds{p.number("offset", -most_seconds, most_seconds)}};
}

OperatorCommand read_manual(Parameters& p) {
  return engine::AcceptManual{p.truth("on")};
}

OperatorCommand read_manual_index(Parameters& p) {
  return engine::DeleteManual{static_cast<std::size_t>(p.integer("index", 0, most_updates))};
}

Answer set_time(Parameters& p, Reporter& reporter) {
  constexpr double latest = 9e9;  // year 2255
  const base::Seconds since_1970{p.number("time", 0, latest)};
  if (p.wrong()) return invalid_parameter(*p.wrong());
  const auto set = reporter.set_time(base::RealTime{base::to_duration(since_1970)});
  return set ? Answer{.text = to_reply(render(*set))} : outcome(std::unexpected(set.error()));
}

template <SmoothTimeCommand Command>
Answer smooth_time(Parameters& /*none*/, Reporter& reporter) {
  return outcome(reporter.smooth_time(Command));
}

template <RtcCommand Command>
Answer real_time_clock(Parameters& /*none*/, Reporter& reporter) {
  return outcome(reporter.apply(Command));
}

Answer rekey(Parameters& /*none*/, Reporter& reporter) {
  if (const auto begun = reporter.rekey(); !begun) return outcome(begun);
  return {.text = {}, .then = AfterReply::rekey};
}

Answer cycle_logs(Parameters& /*none*/, Reporter& reporter) {
  reporter.cycle_logs();
  return {.text = to_reply({})};
}

Answer shut_down(Parameters& /*none*/, Reporter& /*reporter*/) {
  return {.text = to_reply({}), .then = AfterReply::shut_down};
}

constexpr std::array clock_table{
    Method{"io.gnomon.Control.MakeStep", Right::operate, "", apply_plain<engine::CorrectNow>},
    Method{"io.gnomon.Control.AllowSteps", Right::operate, "threshold limit", apply<read_allow_steps>},
    Method{"io.gnomon.Control.SetMaxUpdateSkew", Right::operate, "skew", apply<read_update_skew>},
    Method{"io.gnomon.Control.Reselect", Right::operate, "", apply_plain<engine::SelectAnew>},
    Method{"io.gnomon.Control.SetReselectDistance", Right::operate, "distance",
           apply<read_reselect_distance>},
    Method{"io.gnomon.Control.SetLocal", Right::operate,
           "on stratum distance activate orphan wait_synced wait_unsynced", apply<read_local>},
    Method{"io.gnomon.Control.AddFrequency", Right::operate, "frequency", apply<read_frequency>},
    Method{"io.gnomon.Control.AddOffset", Right::operate, "offset", apply<read_offset>},
    Method{"io.gnomon.Control.SetManual", Right::operate, "on", apply<read_manual>},
    Method{"io.gnomon.Control.ResetManual", Right::operate, "", apply_plain<engine::ForgetManual>},
    Method{"io.gnomon.Control.DeleteManual", Right::operate, "index", apply<read_manual_index>},
    Method{"io.gnomon.Control.SetTime", Right::operate, "time", set_time},
    Method{"io.gnomon.Control.SmoothTimeReset", Right::operate, "", smooth_time<SmoothTimeCommand::reset>},
    Method{"io.gnomon.Control.SmoothTimeActivate", Right::operate, "",
           smooth_time<SmoothTimeCommand::activate>},
    Method{"io.gnomon.Control.TrimRtc", Right::operate, "", real_time_clock<RtcCommand::trim>},
    Method{"io.gnomon.Control.WriteRtc", Right::operate, "", real_time_clock<RtcCommand::write>},
    Method{"io.gnomon.Control.Rekey", Right::operate, "", rekey},
    Method{"io.gnomon.Control.CycleLogs", Right::operate, "", cycle_logs},
    Method{"io.gnomon.Control.Shutdown", Right::operate, "", shut_down},
};

}  // namespace

Methods clock_methods() {
  return clock_table;
}

}  // namespace gnomon::core::control
