// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/refclock_checks.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace gnomon::ctl {

namespace {

struct Clock {
  const CheckedLine* line = nullptr;
  config::RefClock settings;
  std::string name;  // its reference identifier
};

std::vector<Clock> clocks_of(const Configuration& configuration) {
  std::vector<Clock> clocks;
  for (const auto& line : configuration.lines)
    for (const auto& settings : line.alone.hardware.reference_clocks)
      clocks.push_back({&line, settings, config::reference_name(settings, clocks.size())});
  return clocks;
}

// What only one can read: a segment and a socket give each sample once. Empty: others may read it as well.
std::string sole_device(const config::RefClock& clock) {
  if (clock.driver == "SHM") return "SHM " + clock.parameter.substr(0, clock.parameter.find(':'));
  if (clock.driver == "SOCK") return "SOCK " + clock.parameter;
  return {};
}

std::string place_text(const config::Place& place) {
  return fmt::format("{}:{}", place.file, place.line);
}

void check_device(const Clock& clock, std::span<const Clock> before, Findings& findings) {
  const auto device = sole_device(clock.settings);
  const auto& word = clock.settings.parameter;
  if (device.empty()) return;
  const auto other =
      std::ranges::find(before, device, [](const Clock& c) { return sole_device(c.settings); });
  if (other != before.end())
    findings.error(
        clock.line->place, word,
        fmt::format("{} is read by the line {} already, and each sample comes to one of them alone", device,
                    place_text(other->line->place)),
        "remove one of the two lines");
  if (clock.settings.driver == "SOCK" && !word.starts_with('/'))
    findings.warning(clock.line->place, word,
                     "the path of the socket is relative to the directory in which gnomond is started",
                     "write the whole path");
}

void check_name(const Clock& clock, std::span<const Clock> before, Findings& findings) {
  const auto other = std::ranges::find(before, clock.name, &Clock::name);
  if (other == before.end()) return;
  findings.warning(
      clock.line->place, clock.settings.reference_id,
      fmt::format(
          "the reference clock of the line {} has the refid {} as well: commands, logs and dump files "
          "cannot tell the two apart",
          place_text(other->line->place), clock.name),
      "give each a refid of its own");
}

void check_lock(const Clock& clock, std::span<const Clock> all, Findings& findings) {
  const auto& wanted = clock.settings.lock_reference_id;
  if (wanted.empty()) return;
  const auto found = std::ranges::find(all, wanted, &Clock::name);
  if (found == all.end())
    findings.error(clock.line->place, wanted,
                   fmt::format("no reference clock has the refid {}: the pulses are numbered by the system "
                               "clock, as if there were no `lock`",
                               wanted),
                   "give the clock that tells the seconds that refid");
  else if (found->line == clock.line)
    findings.error(clock.line->place, wanted, "the clock is to number its own pulses",
                   "name the clock that tells the seconds");
}

// chronyd does not start then.
void check_scale(const Clock& clock, const config::Config& config, Findings& findings) {
  if (!clock.settings.tai || !config.clock.leap_list.empty() || !config.clock.leap_timezone.empty()) return;
  findings.error(
      clock.line->place, "tai",
      "'tai' needs a table of leap seconds, and there is neither `leapseclist` nor `leapsectz`: the "
      "clock is not used",
      "add `leapseclist /usr/share/zoneinfo/leap-seconds.list`");
}

}  // namespace

void check_reference_clocks(const Configuration& configuration, Findings& findings) {
  const auto clocks = clocks_of(configuration);
  const std::span<const Clock> all{clocks};
  for (std::size_t i = 0; i < clocks.size(); ++i) {
    check_device(clocks[i], all.first(i), findings);
    check_name(clocks[i], all.first(i), findings);
    check_lock(clocks[i], all, findings);
    check_scale(clocks[i], configuration.config, findings);
  }
}

}  // namespace gnomon::ctl
