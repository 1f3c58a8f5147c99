// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/control/clock_methods.hpp"

#include <array>
#include <utility>

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

struct Reader {
  std::string_view method;
  OperatorCommand (*read)(Parameters&);
};

constexpr std::array readers{
    Reader{"MakeStep", [](Parameters&) -> OperatorCommand { return engine::CorrectNow{}; }},
    Reader{"AllowSteps",
           [](Parameters& p) -> OperatorCommand {
             const base::Seconds threshold{p.number("threshold", 0, most_seconds)};
             return engine::AllowSteps{{threshold, p.integer("limit", -most_updates, most_updates)}};
           }},
    Reader{"SetMaxUpdateSkew",
           [](Parameters& p) -> OperatorCommand {
             return engine::LimitUpdateSkew{{p.number("skew", 0, most_ppm)}};
           }},
    Reader{"Reselect", [](Parameters&) -> OperatorCommand { return engine::SelectAnew{}; }},
    Reader{"SetReselectDistance",
           [](Parameters& p) -> OperatorCommand {
             return engine::SetReselectDistance{base::Seconds{p.number("distance", 0, most_seconds)}};
           }},
    Reader{"SetLocal", read_local},
    Reader{"AddFrequency",
           [](Parameters& p) -> OperatorCommand {
             return engine::AddFrequency{{p.number("frequency", -most_ppm, most_ppm)}};
           }},
    Reader{"AddOffset",
           [](Parameters& p) -> OperatorCommand {
             return engine::AddOffset{base::Seconds{p.number("offset", -most_seconds, most_seconds)}};
           }},
    Reader{"SetManual", [](Parameters& p) -> OperatorCommand { return engine::AcceptManual{p.truth("on")}; }},
    Reader{"ResetManual", [](Parameters&) -> OperatorCommand { return engine::ForgetManual{}; }},
    Reader{"DeleteManual",
           [](Parameters& p) -> OperatorCommand {
             return engine::DeleteManual{static_cast<std::size_t>(p.integer("index", 0, most_updates))};
           }},
};

}  // namespace

std::expected<OperatorCommand, std::string> operator_command(std::string_view name,
                                                             const boost::json::object& given) {
  for (const auto& reader : readers) {
    if (reader.method != name) continue;
    Parameters parameters{given};
    auto order = reader.read(parameters);
    if (parameters.wrong()) return std::unexpected(*parameters.wrong());
    return order;
  }
  std::unreachable();
}

}  // namespace gnomon::core::control
