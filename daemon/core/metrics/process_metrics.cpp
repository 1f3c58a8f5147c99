// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon itself: its version, its processes, its messages.
#include <array>

#include "daemon/core/metrics/table.hpp"

namespace gnomon::core::metrics {

namespace {

void build(const View& view, Samples& samples) {
  samples.add(1, {{"version", view.version}});
}

void uptime(const View& view, Samples& samples) {
  samples.add(base::to_seconds(view.uptime).count());
}

void role_processes(const View& view, Samples& samples) {
  for (const auto& role : view.roles)
    if (!role.rests) samples.add(role.processes, {{"role", role.name}});
}

template <auto Value>
void of_each_role(const View& view, Samples& samples) {
  for (const auto& role : view.roles) samples.add(Value(role), {{"role", role.name}});
}

void levels(const View& view, Samples& samples) {
  constexpr std::array<std::string_view, 8> names{"emergency", "alert",  "critical", "error",
                                                  "warning",   "notice", "info",     "debug"};
  std::array<std::uint64_t, names.size()> counts{};
  for (std::size_t i = 0; i < view.events.size(); ++i)
    counts.at(static_cast<std::size_t>(base::traits_of(static_cast<base::LogEvent>(i)).level)) +=
        view.events.at(i);
  for (auto i = static_cast<std::size_t>(base::LogLevel::critical); i < names.size(); ++i)
    samples.add(counts.at(i), {{"level", names.at(i)}});
}

void events(const View& view, Samples& samples) {
  for (std::size_t i = 0; i < view.events.size(); ++i)
    if (view.events.at(i) > 0)
      samples.add(view.events.at(i), {{"event", base::traits_of(static_cast<base::LogEvent>(i)).name}});
}

constexpr std::array process_table{
    Metric{{"gnomon_build", Type::info, "", "The version that is running"}, "version", build},
    Metric{
        {"gnomon_uptime_seconds", Type::gauge, "seconds", "Time since gnomon-core was started"}, "", uptime},
    Metric{
        {"gnomon_role_processes", Type::gauge, "",
         "Processes of the role that are running; 0: one is missing; a role on demand without anything to do "
         "is left out"},
        "role",
        role_processes},
    Metric{{"gnomon_role_restarts", Type::counter, "",
            "Processes started in the place of others: those had failed, or certificates or files for names "
            "had changed"},
           "role",
           of_each_role<[](const Role& r) { return r.replacements; }>},
    Metric{{"gnomon_messages", Type::counter, "",
            "Messages of gnomon-core by their level, those suppressed as repetitions included"},
           "level",
           levels},
    Metric{{"gnomon_events", Type::counter, "",
            "The same by their event (docs/events.md); one that has not happened is missing"},
           "event",
           events},
};

}  // namespace

std::span<const Metric> process_metrics() {
  return process_table;
}

}  // namespace gnomon::core::metrics
