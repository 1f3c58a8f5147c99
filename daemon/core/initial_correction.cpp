// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/initial_correction.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include <fmt/core.h>

namespace gnomon::core {

namespace {

constexpr base::Duration longest_lookup = std::chrono::seconds{16};
constexpr std::uint32_t requests_enough = 7;  // chrony's: one less than the reach register is long
constexpr base::Duration longest_disagreement = std::chrono::seconds{200};

}  // namespace

InitialCorrection::InitialCorrection(config::InitStepSlew settings, base::Log& log)
    : settings_(std::move(settings)), log_(log) {}

std::vector<config::Source> InitialCorrection::sources() const {
  std::vector<config::Source> sources;
  sources.reserve(settings_.hosts.size());
  for (const auto& host : settings_.hosts)
    sources.push_back({.kind = config::SourceKind::server, .name = host, .iburst = true});
  return sources;
}

void InitialCorrection::measured(base::Seconds offset) {
  const double size = std::fabs(offset.count());
  const bool step = size >= settings_.threshold.count();
  log_.write(base::LogEvent::offset_measured,
             fmt::format("System's initial offset : {:.6f} seconds {} of true ({})", size,
                         offset > base::Seconds{0} ? "slow" : "fast", step ? "step" : "slew"),
             {{base::LogField::offset, offset.count()}});
}

bool InitialCorrection::is_hopeless(std::span<const engine::AssociationReport> sources, base::MonoTime now) {
  if (!began_) began_ = now;
  const auto may_still_tell = [&](const engine::AssociationReport& source) {
    if (source.activity == engine::Activity::unresolved) return now - *began_ < longest_lookup;
    if (source.reach != 0) return now - *began_ < longest_disagreement;
    return source.ntp.total_tx <= requests_enough;
  };
  if (std::ranges::any_of(sources, may_still_tell)) return false;
  log_.write(base::LogEvent::no_suitable_source, "No suitable source for initstepslew");
  return true;
}

}  // namespace gnomon::core
