// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/clock_trust.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "daemon/core/engine/intersection.hpp"

namespace gnomon::engine {

namespace {

using namespace std::chrono_literals;

// A clock that reads so little more than the time saved last has not run away since.
constexpr base::Duration near = 24h;
// Where most of the NTS sources have not answered, so long the others are waited for.
constexpr base::Duration patience = 16s;
// By then the certificates have been checked against the presumed time, or cannot be.
constexpr base::Duration presumption_holds = 1024s;
// A correction that changes less changes nothing for a date.
constexpr base::Seconds resolution{1.0};

}  // namespace

ClockTrust::ClockTrust(const Settings& settings)
    : earliest_(std::max(settings.built, settings.saved.value_or(settings.built))), saved_(settings.saved) {}

std::optional<Note> ClockTrust::first_look(const base::Now& now) const {
  if (now.real >= earliest_) return std::nullopt;
  return Note{.kind = NoteKind::clock_impossible,
              .value = base::to_seconds(earliest_.time_since_epoch()).count(),
              .bound = base::to_seconds(now.real.time_since_epoch()).count()};
}

CertificateDates ClockTrust::dates(const base::Now& now) const {
  CertificateDates dates{.correction = correction_, .earliest = earliest_};
  if (standing_ != ClockStanding::unknown) return dates;
  // A clock may have stood still, so that certificates have been renewed meanwhile. One that reads about the
  // time saved last has not run ahead, though: what is past by it is past.
  dates.forgive_early = true;
  dates.forgive_expired = !saved_ || now.real < *saved_ || now.real - *saved_ > near;
  return dates;
}

std::vector<ClockTrust::Vote> ClockTrust::possible(std::span<const Vote> votes, const base::Now& now) const {
  std::vector<Vote> possible;
  for (const auto& vote : votes)
    if (now.real + base::to_duration(vote.high) >= earliest_) possible.push_back(vote);
  return possible;
}

std::vector<Note> ClockTrust::consider(std::optional<base::Seconds> correction, std::span<const Vote> votes,
                                       std::size_t nts_sources, const base::Now& now) {
  if (correction) {
    standing_ = ClockStanding::confirmed;
    if (abs(*correction - base::to_seconds(correction_)) >= resolution)
      correction_ = base::to_duration(*correction);
    return {};
  }
  if (standing_ == ClockStanding::presumed && now.mono - presumed_at_ > presumption_holds) {
    clock_jumped();
    return {{.kind = NoteKind::time_not_confirmed}};
  }
  if (standing_ != ClockStanding::unknown) return {};
  const auto counted = possible(votes, now);
  if (counted.empty()) return {};
  if (!first_vote_at_) first_vote_at_ = now.mono;
  if (counted.size() * 2 <= nts_sources && now.mono - *first_vote_at_ < patience) return {};
  std::vector<Interval> intervals;
  intervals.reserve(counted.size());
  for (const auto& vote : counted) intervals.push_back({vote.low.count(), vote.high.count()});
  const auto agreed = agree(intervals);
  if (!agreed) {
    if (std::exchange(disagreement_noted_, true)) return {};
    return {{.kind = NoteKind::no_majority, .value = static_cast<double>(counted.size())}};
  }
  standing_ = ClockStanding::presumed;
  presumed_at_ = now.mono;
  const base::Seconds offset{(agreed->low + agreed->high) / 2};
  correction_ = base::to_duration(offset);
  return {{.kind = NoteKind::time_presumed,
           .value = offset.count(),
           .text = fmt::format("{} of {}", counted.size(), nts_sources)}};
}

void ClockTrust::clock_jumped() {
  if (standing_ == ClockStanding::confirmed) return;
  standing_ = ClockStanding::unknown;
  correction_ = {};
  first_vote_at_.reset();
  disagreement_noted_ = false;
}

}  // namespace gnomon::engine
