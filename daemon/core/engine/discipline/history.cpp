// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/history.hpp"

#include <algorithm>
#include <cmath>

namespace gnomon::engine {

namespace {

base::Duration gained(base::Duration time, double rate) {
  return base::to_duration(base::to_seconds(time) * rate);
}

base::Seconds rest(base::Seconds whole, base::Seconds part) {
  return std::max(whole - part, base::Seconds{0});
}

DumpedSample dumped(const KeptSample& kept, const HistoryEnd& end) {
  const base::Duration back = end.local - kept.observation.at;
  const base::Duration ahead = gained(back, end.rate);
  const Sample& s = kept.sample;
  return {.time = end.real - back - ahead,
          .offset = base::to_seconds(end.ahead - ahead - kept.observation.theta),
          .measured = -s.offset,
          .delay = s.delay,
          .dispersion = s.dispersion,
          .root_delay = s.root_delay + s.delay,
          .root_dispersion = s.root_dispersion + s.dispersion};
}

KeptSample restored(const DumpedSample& d, const Dump& dump, const HistoryStart& start) {
  const base::Duration back = start.real - d.time;
  const base::Duration ahead = gained(back, start.rate / (1 + start.rate));
  Sample sample;
  sample.time = d.time;
  sample.mono = start.mono - back;
  sample.offset = -d.measured;
  sample.delay = d.delay;
  sample.dispersion = d.dispersion;
  sample.root_delay = rest(d.root_delay, d.delay);
  sample.root_dispersion = rest(d.root_dispersion, d.dispersion);
  sample.stratum = {dump.stratum};
  sample.leap = dump.leap;
  sample.authenticated = dump.authenticated;
  return {sample, {LocalTime{ahead - back}, -ahead - base::to_duration(d.offset), d.delay, d.dispersion}};
}

}  // namespace

std::string name_in_dump(const SourceTraits& traits) {
  return traits.is_refclock() ? "." : traits.source.name;
}

Dump dump_of(const SourceTraits& traits, std::uint8_t reach, const SampleRecord& record,
             const HistoryEnd& end) {
  Dump dump;
  dump.name = name_in_dump(traits);
  dump.authenticated = traits.authenticated;
  dump.reach = reach;
  dump.stratum = record.last().stratum.value;
  dump.leap = record.last().leap;
  for (const KeptSample& kept : record.kept()) dump.samples.push_back(dumped(kept, end));
  return dump;
}

std::vector<KeptSample> samples_of(const Dump& dump, const HistoryStart& start) {
  std::vector<KeptSample> samples;
  samples.reserve(dump.samples.size());
  for (const DumpedSample& d : dump.samples) samples.push_back(restored(d, dump, start));
  return samples;
}

bool agrees(const KeptSample& first, const Estimate& restored, double frequency_otherwise) {
  constexpr double change_of_frequency = 2e-6;  // s/s, since it was last measured
  const auto& [sample, observation] = first;
  const base::Seconds away =
      base::to_seconds(observation.theta - restored.theta_at(observation.at, frequency_otherwise));
  const double age = std::max(base::to_seconds(observation.at - restored.at).count(), 0.0);
  const base::Seconds allowed = (sample.delay + restored.delay) / 2 + sample.dispersion + restored.error * 4 +
                                base::Seconds{age * (restored.skew + change_of_frequency)};
  return std::fabs(away.count()) <= allowed.count();
}

}  // namespace gnomon::engine
