// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/text/situation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "daemon/core/engine/text/amount.hpp"
#include "daemon/core/engine/text/messages.hpp"

namespace gnomon::engine {

namespace {

using Sources = std::span<const ExplainedSource>;

struct Obstacle {
  std::string_view cause;
  std::string what;    // sentences
  std::string remedy;  // a clause; empty: none
};

struct Facts {
  const TrackingReport& tracking;
  const SelectionOutcome& outcome;
  Sources sources;
  const ClockControl& clock;
};

std::string told(const ExplainedSource& source) {
  return source_called(source.report) + " " + source.explanation.what + ".";
}

bool counts(const ExplainedSource& source) {
  return source.verdict.reason != Reason::no_select;
}

// --- what stands in the way, the first that applies

std::optional<Obstacle> steering(const Facts& facts) {
  if (facts.tracking.steering_frozen) {
    const auto text = frozen_sentence();
    const auto stop = text.find(". ");
    return Obstacle{"steering_frozen", text.substr(0, stop + 1), text.substr(stop + 2)};
  }
  if (!facts.clock.refusal.empty())
    return Obstacle{"clock_refused",
                    fmt::format("gnomon-clock cannot correct the clock: {}.", facts.clock.refusal),
                    "run gnomond as root or with CAP_SYS_TIME; in a container, let the host keep the time"};
  return std::nullopt;
}

std::optional<Obstacle> no_sources(const Facts& facts) {
  if (std::ranges::any_of(facts.sources, counts)) return std::nullopt;
  const auto by_option = [](const ExplainedSource& each) { return each.report.select_options.no_select; };
  if (!facts.sources.empty() && std::ranges::all_of(facts.sources, by_option))
    return Obstacle{"no_select", "All sources have the option noselect.",
                    "remove noselect from the line of one that is to be followed, or add a source"};
  if (!facts.sources.empty())
    return Obstacle{"no_select", "authselectmode lets only authenticated sources be used, and none is.",
                    "add `nts` to those that support it, or choose another authselectmode"};
  return Obstacle{
      "no_sources", "No sources are configured.",
      "add `server NAME` or `pool NAME` to the configuration, or `gnomonctl add server NAME` now"};
}

std::optional<Obstacle> contradiction(const Facts& facts) {
  const auto& vote = facts.outcome.disagreement;
  if (!vote) return std::nullopt;
  std::string offsets;
  for (const auto& each : facts.sources)
    if (each.verdict.state == SourceState::falseticker)
      offsets += fmt::format("{}{} {}", offsets.empty() ? "" : ", ",
                             signed_amount(each.verdict.evidence.offset), source_called(each.report));
  return Obstacle{
      "no_majority",
      fmt::format("The sources contradict each other: {} of {}{} agree, and more than half must. "
                  "Their offsets: {}.",
                  vote->agreeing, vote->voters, vote->trusted ? " trusted ones" : "", offsets),
      vote->voters < 4
          ? "find out which ones are wrong and remove them; with four or more, the majority shows it"
          : "find out by the offsets which ones belong together, and remove the others"};
}

// The first source in that state.
const ExplainedSource* with_reason(Sources sources, Reason reason) {
  const auto found = std::ranges::find_if(
      sources, [reason](const ExplainedSource& each) { return each.verdict.reason == reason; });
  return found == sources.end() ? nullptr : &*found;
}

std::optional<Obstacle> waiting(const Facts& facts) {
  if (const auto* const good = with_reason(facts.sources, Reason::best))
    return facts.clock.steered
               ? Obstacle{"correcting", told(*good) + " The first correction of the clock is under way.", ""}
               : Obstacle{"only_measured", told(*good) + " gnomond only measures (-x) and corrects nothing.",
                          "run gnomond without -x to have the clock corrected"};
  for (const auto reason : {Reason::waits_for_more, Reason::waits_for_others})
    if (const auto* const source = with_reason(facts.sources, reason))
      return Obstacle{source->explanation.cause, told(*source), source->explanation.remedy};
  const auto measures = [](const ExplainedSource& each) {
    return counts(each) && each.explanation.cause == "gathering";
  };
  const auto source = std::ranges::find_if(facts.sources, measures);
  if (source == facts.sources.end()) return std::nullopt;
  return Obstacle{
      "gathering", told(*source),
      source->report.ntp.total_tx < 8 && !source->report.is_refclock() && !source->report.burst_at_start
          ? "wait; the option iburst makes it a matter of seconds"
          : ""};
}

// With the cause that keeps most of them out, and how many it does; null: none counts.
std::pair<const ExplainedSource*, std::ptrdiff_t> commonest_example(Sources sources) {
  const ExplainedSource* example = nullptr;
  std::ptrdiff_t most = 0;
  for (const auto& each : sources) {
    if (!counts(each)) continue;
    const auto same = std::ranges::count_if(sources, [&each](const ExplainedSource& other) {
      return counts(other) && other.explanation.cause == each.explanation.cause &&
             other.report.auth.last_failure == each.report.auth.last_failure;
    });
    if (same > most) std::tie(example, most) = std::pair{&each, same};
  }
  return {example, most};
}

// The cause that keeps most sources out.
Obstacle commonest(const Facts& facts) {
  const auto [example, most] = commonest_example(facts.sources);
  const auto all = std::ranges::count_if(facts.sources, counts);
  if (example == nullptr) return {"no_sources", "", ""};
  std::string what =
      all == 1 ? "The only source cannot be used: "
      : most == all
          ? fmt::format("None of the {} sources can be used, all for the same reason: ", all)
          : fmt::format("None of the {} sources can be used, {} of them for this reason: ", all, most);
  return {example->explanation.cause, what + told(*example), example->explanation.remedy};
}

// Good sources that wait for one that is required: what keeps that one out is what has to be mended.
std::optional<Obstacle> missing_required(const Facts& facts) {
  const auto* const good = with_reason(facts.sources, Reason::waits_for_more);
  if (good == nullptr || facts.outcome.lack != Lack::required) return std::nullopt;
  std::vector<ExplainedSource> required;
  std::ranges::copy_if(facts.sources, std::back_inserter(required), [](const ExplainedSource& each) {
    return each.verdict.effective.require && each.verdict.reason != Reason::waits_for_more;
  });
  const auto* const example = commonest_example(required).first;
  if (example == nullptr) return std::nullopt;
  const bool implied = std::ranges::none_of(
      required, [](const ExplainedSource& each) { return each.report.select_options.require; });
  return Obstacle{
      example->explanation.cause,
      fmt::format("{} is good, but {}. {}", source_called(good->report),
                  implied ? "authselectmode mix uses it only beside a working authenticated source"
                          : "a source with the option require must be, too",
                  told(*example)),
      example->explanation.remedy};
}

Obstacle obstacle_of(const Facts& facts) {
  for (const auto look : {steering, no_sources, contradiction, missing_required, waiting})
    if (auto found = look(facts)) return std::move(*found);
  return commonest(facts);
}

// --- the whole

std::string selected_called(const TrackingReport& tracking) {
  return source_called({.name = tracking.name, .address = tracking.address});
}

base::Seconds remaining_of(const TrackingReport& tracking) {
  return base::Seconds{std::fabs(tracking.system_time.count())};
}

std::string bound_text(const TrackingReport& tracking, bool steered) {
  constexpr base::Seconds negligible{1e-6};
  const auto text = fmt::format("{} wrong", amount(error_bound(tracking).value_or(base::Seconds{})));
  const auto remaining = remaining_of(tracking);
  if (remaining <= negligible) return text;
  return fmt::format("{}, {} of it {}", text, amount(remaining),
                     steered ? "still to be corrected" : "measured and not corrected");
}

// Whoever steers in our place would have it much smaller than what is not known.
bool is_left_alone(const TrackingReport& tracking) {
  return remaining_of(tracking) > error_bound(tracking).value_or(base::Seconds{}) / 2.0;
}

std::string served_text(TrackingReport tracking) {
  tracking.system_time = {};
  return fmt::format(" The time that it serves is at most {} wrong.",
                     amount(error_bound(tracking).value_or(base::Seconds{})));
}

void add_unsteered(Situation& situation, const TrackingReport& tracking) {
  situation.summary += " gnomond only measures (-x): another program has to correct the clock";
  situation.summary += is_left_alone(tracking) ? ", and none seems to." : ".";
  situation.summary += served_text(tracking);
  if (situation.remedy.empty() && is_left_alone(tracking))
    situation.remedy = "Start gnomond without -x, or see to the program that is to correct the clock.";
}

bool is_silent(const ExplainedSource& each) {
  return each.report.is_offline || each.report.reach == 0;
}

// The clock goes on with what they have said before.
void add_silence(Situation& situation, Sources sources) {
  std::vector<ExplainedSource> followed;
  std::ranges::copy_if(sources, std::back_inserter(followed),
                       [](const ExplainedSource& each) { return each.verdict.steers(); });
  if (!std::ranges::all_of(followed, is_silent)) return;
  const bool offline =
      std::ranges::any_of(followed, [](const ExplainedSource& each) { return each.report.is_offline; });
  const bool one = followed.size() == 1;
  situation.summary += fmt::format(" {} {}, so this bound grows.", one ? "It" : "None of them",
                                   offline ? (one ? "is offline" : "is asked, as they are offline or silent")
                                           : (one ? "does not answer any more" : "answers any more"));
  if (offline)
    situation.remedy = "Set them online with `gnomonctl online` as soon as there is a network.";
  else
    situation.remedy = "See whether this machine has a network, and whether it lets UDP to their port pass.";
}

Situation synchronised(const Facts& facts) {
  Situation situation{.synchronised = true, .state = "synchronised", .cause = "synchronised"};
  const auto steering =
      std::ranges::count_if(facts.sources, [](const ExplainedSource& each) { return each.verdict.steers(); });
  const auto name = selected_called(facts.tracking);
  if (steering > 0) {
    const auto others = steering == 1 ? std::string{}
                        : steering == 2
                            ? std::string{" and another source that agrees with it"}
                            : fmt::format(" and {} other sources that agree with it", steering - 1);
    situation.summary =
        fmt::format("The clock is synchronised. It follows {}{}, at stratum {}, and is at most {}.", name,
                    others, facts.tracking.stratum, bound_text(facts.tracking, facts.clock.steered));
    // 15 and what its followers have: RFC 5905 says of 16 that it is not synchronised.
    if (!base::Stratum{facts.tracking.stratum}.usable())
      situation.summary += " Nobody can follow this clock: its source has stratum 15, the last one.";
    add_silence(situation, facts.sources);
    // Whose range is only wider than that of those that are trusted does not disagree.
    const auto disagreeing = std::ranges::count_if(facts.sources, [](const ExplainedSource& each) {
      return each.verdict.reason == Reason::falseticker;
    });
    if (const auto& agreed = facts.outcome.consensus; agreed && is_by_trust(*agreed) && disagreeing > 0) {
      situation.summary +=
          fmt::format(" {} of {} sources disagree with those that are trusted.", disagreeing, agreed->voters);
      situation.remedy = "Find out who is right: trusted sources count before any number of others.";
    }
  } else {
    auto obstacle = obstacle_of(facts);
    situation.cause = "holdover";
    situation.summary = fmt::format(
        "The clock is synchronised, but runs on without a source, at its last rate; it followed {}. It is at "
        "most {}; this bound grows until it follows a source again. {}",
        name, bound_text(facts.tracking, facts.clock.steered), obstacle.what);
    situation.remedy = sentence(std::move(obstacle.remedy));
  }
  if (!facts.clock.steered) add_unsteered(situation, facts.tracking);
  return situation;
}

}  // namespace

Requirement requirement_of(Sources sources) {
  bool option = false;
  bool mode = false;
  for (const auto& each : sources) {
    if (!each.verdict.effective.require || each.verdict.reason == Reason::no_select) continue;
    option = option || each.report.select_options.require;
    mode = mode || !each.report.select_options.require;
  }
  if (option && mode) return Requirement::either;
  if (mode) return Requirement::mode;
  return option ? Requirement::option : Requirement::unknown;
}

Situation situation_of(const TrackingReport& tracking, const SelectionOutcome& outcome, Sources sources,
                       const ClockControl& clock) {
  const Facts facts{tracking, outcome, sources, clock};
  if (is_synchronised(tracking)) return synchronised(facts);
  auto obstacle = obstacle_of(facts);
  Situation situation{.state = "unsynchronised",
                      .cause = obstacle.cause,
                      .summary = "The clock is not synchronised. " + obstacle.what,
                      .remedy = sentence(std::move(obstacle.remedy))};
  if (tracking.reference_id == base::local_reference_id) {
    situation.state = "local";
    situation.summary =
        fmt::format("The clock follows no source; `local` serves its own time, at stratum {}. {}",
                    tracking.stratum, obstacle.what);
    if (obstacle.cause == "no_sources") situation.remedy.clear();  // who has none may mean it so
  }
  return situation;
}

}  // namespace gnomon::engine
