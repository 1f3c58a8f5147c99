// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/clock_trust.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "daemon/core/engine/selection/intersection.hpp"

namespace gnomon::engine {

namespace {

using namespace std::chrono_literals;

// Where most of the NTS sources have not answered, so long nothing is said of it.
constexpr base::Duration timeout = 16s;
// By then the certificates have been checked against the presumed time, or cannot be.
constexpr base::Duration presumption_holds = 1024s;
// A correction that changes less changes nothing for a date.
constexpr base::Seconds resolution{1.0};

}  // namespace

ClockTrust::ClockTrust(const Settings& settings)
    : earliest_(std::max(settings.built, settings.saved.value_or(settings.built))) {}

std::optional<Note> ClockTrust::first_look(const base::Now& now) const {
  if (now.real >= earliest_) return std::nullopt;
  return Note{note::ClockImpossible{.earliest = earliest_, .reading = now.real}};
}

CertificateDates ClockTrust::dates(const base::Now&) const {
  // What sources have told counts for more than what is kept in a file.
  if (belief_ == ClockBelief::confirmed) return {.correction = correction_};
  return {.forgive_early = belief_ == ClockBelief::unknown, .correction = correction_, .earliest = earliest_};
}

// A certificate that is not valid yet cannot become so by a time before ours, and another's that has expired
// must not.
std::vector<ClockTrust::Vote> ClockTrust::possible(std::span<const Vote> votes, const base::Now& now) const {
  const auto least = std::max(base::Seconds{0}, base::to_seconds(earliest_ - now.real));
  std::vector<Vote> possible;
  for (const auto& vote : votes)
    if (vote.high >= least) possible.push_back(vote);
  return possible;
}

std::vector<Note> ClockTrust::wait_for_more(std::size_t votes, std::size_t nts_sources,
                                            const base::Now& now) {
  if (now.mono - *first_vote_at_ < timeout || std::exchange(waiting_noted_, true)) return {};
  return {{note::DateMajorityMissing{votes, nts_sources}}};
}

std::vector<Note> ClockTrust::judge(std::span<const Vote> votes, std::size_t nts_sources,
                                    const base::Now& now) {
  std::vector<Interval> intervals;
  intervals.reserve(votes.size());
  for (const auto& vote : votes) intervals.push_back({vote.low.count(), vote.high.count()});
  const auto agreed = agree(intervals);
  const auto in_it = !agreed ? 0 : std::ranges::count_if(intervals, [&](const Interval& each) {
    return each.low <= agreed->low && each.high >= agreed->high;
  });
  if (static_cast<std::size_t>(in_it) * 2 <= nts_sources) {
    if (std::exchange(disagreement_noted_, true)) return {};
    const auto agreeing = agreed ? static_cast<std::size_t>(in_it) : agreed.error().agreeing;
    return {{note::NoMajority{votes.size(), agreeing}}};
  }
  belief_ = ClockBelief::presumed;
  presumed_at_ = now.mono;
  const base::Seconds offset{std::max(0.0, (agreed->low + agreed->high) / 2)};
  correction_ = base::to_duration(offset);
  if (offset < resolution) return {};  // our clock is right: nothing changes
  return {{note::TimePresumed{offset, static_cast<std::size_t>(in_it), nts_sources}}};
}

std::vector<Note> ClockTrust::consider(std::optional<base::Seconds> correction, std::span<const Vote> votes,
                                       std::size_t nts_sources, const base::Now& now) {
  if (correction) {
    belief_ = ClockBelief::confirmed;
    if (abs(*correction - base::to_seconds(correction_)) >= resolution)
      correction_ = base::to_duration(*correction);
    return {};
  }
  if (belief_ == ClockBelief::presumed && now.mono - presumed_at_ > presumption_holds) {
    const bool was_told = base::to_seconds(correction_) >= resolution;
    clock_jumped();
    if (!was_told) return {};  // the time is not what the certificates lack
    return {{note::TimeNotConfirmed{}}};
  }
  if (belief_ != ClockBelief::unknown) return {};
  const auto counted = possible(votes, now);
  if (counted.empty()) return {};
  if (!first_vote_at_) first_vote_at_ = now.mono;
  if (counted.size() * 2 <= nts_sources) return wait_for_more(counted.size(), nts_sources, now);
  return judge(counted, nts_sources, now);
}

void ClockTrust::clock_jumped() {
  if (belief_ == ClockBelief::confirmed) return;
  belief_ = ClockBelief::unknown;
  correction_ = {};
  first_vote_at_.reset();
  disagreement_noted_ = false;
  waiting_noted_ = false;
}

}  // namespace gnomon::engine
