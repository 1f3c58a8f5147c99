// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/selection/selection.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "daemon/core/engine/selection/intersection.hpp"

namespace gnomon::engine {

namespace {

using config::AuthSelectMode;

// A competitor must have been better by this much, multiplied up over its samples, to take over.
constexpr double takeover_score = 10;
// From when the first source is ready until it is followed, if others may be ready by then.
constexpr base::Duration least_patience = std::chrono::seconds{8};
constexpr base::Duration longest_patience = std::chrono::seconds{64};
constexpr double infinity = std::numeric_limits<double>::infinity();

class SelectionPass {
 public:
  SelectionPass(std::span<const Candidate> candidates, const SelectionContext& context)
      : settings_(context.settings), context_(context), candidates_(candidates.begin(), candidates.end()) {
    for (const auto& c : candidates_) {
      Evidence evidence{c.offset, c.distance, c.offset - c.distance, c.offset + c.distance, c.score, 0, {}};
      if (c.samples > 0) evidence.age = c.last_sample;
      verdicts_.push_back({c.id, SourceState::unselectable, Reason::missing_samples, evidence});
    }
    alive_.assign(candidates_.size(), false);
  }

  Selection run() {
    apply_auth_mode();
    check_each();
    elect_orphan();
    drop_stale();
    if (wait_for_others()) return result();
    if (!intersect()) return result();
    if (!enough()) return result();
    prefer();
    const std::size_t selected = choose();
    combine(selected);
    selected_ = selected;
    return result();
  }

 private:
  void rule_out(std::size_t i, SourceState state, Reason reason, double limit = 0) {
    alive_[i] = false;
    verdicts_[i].state = state;
    verdicts_[i].reason = reason;
    verdicts_[i].evidence.limit = limit;
  }
  void rule_out_alive(SourceState state, Reason reason, double limit = 0) {
    for (std::size_t i = 0; i < alive_.size(); ++i)
      if (alive_[i]) rule_out(i, state, reason, limit);
  }
  [[nodiscard]] std::size_t count_alive() const {
    return static_cast<std::size_t>(std::count(alive_.begin(), alive_.end(), true));
  }
  Selection result() {
    for (std::size_t i = 0; i < verdicts_.size(); ++i) {
      const Candidate& c = candidates_[i];
      verdicts_[i].effective = {c.no_select, c.prefer, c.trust, c.require};
    }
    const auto silent =
        std::ranges::count_if(candidates_, [](const Candidate& c) { return !c.no_select && c.reach == 0; });
    outcome_.unreachable = static_cast<std::size_t>(silent);
    return {std::move(verdicts_), selected_, outcome_, patience_};
  }

  void apply_auth_mode();
  void check_each();
  void check(std::size_t i);
  void elect_orphan();
  void drop_stale();
  bool wait_for_others();
  [[nodiscard]] base::Duration new_patience() const;
  bool intersect();
  void drop_falsetickers(const Agreement& agreed);
  bool enough();
  void prefer();
  std::size_t choose();
  void combine(std::size_t selected);
  [[nodiscard]] double key_distance(std::size_t i, std::uint8_t best_stratum) const;
  [[nodiscard]] bool agree(const Candidate& c, const Candidate& s) const;

  const config::SelectionSettings& settings_;
  const SelectionContext& context_;
  std::vector<Candidate> candidates_;  // a copy: options change by authselectmode
  std::vector<Verdict> verdicts_;
  std::vector<bool> alive_;
  std::optional<std::size_t> selected_;
  SelectionOutcome outcome_;
  std::optional<base::Duration> patience_;  // see Selection
};

void SelectionPass::apply_auth_mode() {
  const auto counts = [this](bool authenticated) {
    return std::any_of(candidates_.begin(), candidates_.end(), [authenticated](const Candidate& c) {
      return !c.no_select && !c.reference_clock && c.authenticated == authenticated;
    });
  };
  // A reference clock is as good as an authenticated server; but it alone makes the others no worse.
  const auto trustworthy = [](const Candidate& c) { return c.authenticated || c.reference_clock; };
  const bool some = counts(true);
  const bool mixed = some && counts(false);
  for (auto& c : candidates_) {
    switch (settings_.auth_select_mode) {
      case AuthSelectMode::require:
        c.no_select = c.no_select || !trustworthy(c);
        break;
      case AuthSelectMode::prefer:
        c.no_select = c.no_select || (some && !trustworthy(c));
        break;
      case AuthSelectMode::mix:
        if (mixed && trustworthy(c) && !c.no_select) c.require = c.trust = true;
        break;
      case AuthSelectMode::ignore:
        break;
    }
  }
}

void SelectionPass::check(std::size_t i) {
  const Candidate& c = candidates_[i];
  if (c.no_select) return rule_out(i, SourceState::unselectable, Reason::no_select);
  if (c.samples < std::max<std::uint32_t>(c.samples_needed, 1))
    return rule_out(i, SourceState::unselectable, Reason::missing_samples, c.samples_needed);
  if (c.unreachable_too_long)
    return rule_out(i, SourceState::unselectable, Reason::stale, base::to_seconds(c.last_sample).count());
  const bool usable = c.reference_clock ? c.stratum.value <= 15 : c.stratum.usable();
  if (c.leap == base::LeapIndicator::unsynchronised || !usable)
    return rule_out(i, SourceState::unselectable, Reason::unsynchronised);
  if (c.stratum < settings_.min_stratum || c.stratum > settings_.max_stratum) {
    const auto limit = c.stratum < settings_.min_stratum ? settings_.min_stratum : settings_.max_stratum;
    return rule_out(i, SourceState::unselectable, Reason::stratum_out_of_range, limit.value);
  }
  // First, as what the measurements scatter by is part of the distance.
  if (!(c.jitter <= settings_.max_jitter))
    return rule_out(i, SourceState::jittery, Reason::too_jittery, settings_.max_jitter.count());
  if (!(c.distance <= settings_.max_distance))
    return rule_out(i, SourceState::unselectable, Reason::distance_too_large, settings_.max_distance.count());
  if (c.provisional) return rule_out(i, SourceState::unselectable, Reason::provisional);
  if (context_.orphan_stratum && !c.reference_clock && c.stratum.value >= *context_.orphan_stratum)
    return rule_out(i, SourceState::unselectable, Reason::orphan, *context_.orphan_stratum);
  alive_[i] = true;
}

// Nobody but orphans: they follow the one of the smallest address, each of them by the same rule.
void SelectionPass::elect_orphan() {
  if (!context_.orphan_stratum || count_alive() > 0) return;
  std::optional<std::size_t> elected;
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    const Candidate& c = candidates_[i];
    const bool like_us = verdicts_[i].reason == Reason::orphan && c.stratum.value == *context_.orphan_stratum;
    if (!like_us || c.reach == 0) continue;
    if (!elected || c.address_id < candidates_[*elected].address_id) elected = i;
  }
  if (elected && candidates_[*elected].address_id < candidates_[*elected].local_id) alive_[*elected] = true;
}

void SelectionPass::check_each() {
  for (std::size_t i = 0; i < candidates_.size(); ++i) check(i);
}

// Who does not answer is as good as the others only while its samples are as new as theirs.
void SelectionPass::drop_stale() {
  base::Duration oldest{};  // sample of those that answer
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    if (alive_[i] && candidates_[i].reach != 0) oldest = std::max(oldest, candidates_[i].first_sample);
  }
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    if (alive_[i] && candidates_[i].reach == 0 && candidates_[i].last_sample > oldest)
      rule_out(i, SourceState::unselectable, Reason::stale, base::to_seconds(oldest).count());
  }
}

// Whoever sets up a burst wants the time within seconds. Sources that are asked more slowly become ready as
// far apart as their intervals vary, or, asked anew in the midst of it, by up to one of them.
base::Duration SelectionPass::new_patience() const {
  base::Duration patience = longest_patience;
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    const Candidate& c = candidates_[i];
    if (!alive_[i]) continue;
    const bool just_ready = c.samples > 1 && c.samples <= c.samples_needed;
    const auto interval = just_ready ? (c.first_sample - c.last_sample) / (c.samples - 1) : base::Duration{};
    patience = std::min(patience, std::max(interval, least_patience));
  }
  return patience;
}

// A first correction may step the clock: it must not hang on whichever source was quickest.
bool SelectionPass::wait_for_others() {
  if (context_.current || count_alive() == 0) return false;
  patience_ = context_.patience ? *context_.patience : new_patience();
  if (*patience_ <= base::Duration{}) return false;
  const bool some_on_the_way = std::ranges::any_of(candidates_, [this](const Candidate& c) {
    return !c.no_select && !c.provisional && c.samples < c.samples_needed && c.ready_in &&
           *c.ready_in <= *patience_;
  });
  if (!some_on_the_way && !context_.others_awaited) return false;
  rule_out_alive(SourceState::selectable, Reason::waits_for_others);
  return true;
}

bool SelectionPass::intersect() {
  std::vector<Interval> intervals;
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    const Evidence& e = verdicts_[i].evidence;
    if (alive_[i]) intervals.push_back({e.low.count(), e.high.count(), candidates_[i].trust});
  }
  if (intervals.empty()) return false;
  const auto agreed = engine::agree(intervals);
  if (!agreed) {
    outcome_.disagreement = agreed.error();
    rule_out_alive(SourceState::falseticker, Reason::falseticker);
    return false;
  }
  const auto voters = count_alive();
  drop_falsetickers(*agreed);
  outcome_.consensus = {count_alive(), voters, base::Seconds{agreed->low}, base::Seconds{agreed->high}};
  return true;
}

void SelectionPass::drop_falsetickers(const Agreement& agreed) {
  const auto contains = [&agreed](const Evidence& e) {
    return e.low.count() <= agreed.low && e.high.count() >= agreed.high;
  };
  Interval meets{agreed.low, agreed.high};  // at least one trusted one
  Interval within{-infinity, infinity};     // all trusted ones
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    const Evidence& e = verdicts_[i].evidence;
    if (!alive_[i] || !candidates_[i].trust || !contains(e)) continue;
    meets = {std::min(meets.low, e.low.count()), std::max(meets.high, e.high.count())};
    within = {std::max(within.low, e.low.count()), std::min(within.high, e.high.count())};
  }
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    const Evidence& e = verdicts_[i].evidence;
    const bool plain = agreed.by_trusted && !candidates_[i].trust;
    // Who is not trusted must not draw the clock to where no trusted one has it.
    const bool fits = !plain || (e.low.count() >= within.low && e.high.count() <= within.high);
    if (!alive_[i] || (contains(e) && fits)) continue;
    const bool near = e.low.count() <= meets.high && e.high.count() >= meets.low;
    // It may be right within its own bound, but not as right as those that are trusted say.
    if (plain && near)
      rule_out(i, SourceState::unselectable, Reason::not_agreed_by_trusted);
    else
      rule_out(i, SourceState::falseticker, Reason::falseticker);
  }
}

bool SelectionPass::enough() {
  bool required = false;
  bool satisfied = false;
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    if (!candidates_[i].require || candidates_[i].no_select) continue;
    required = true;
    satisfied = satisfied || alive_[i];
  }
  const bool few = static_cast<int>(count_alive()) < settings_.min_sources;
  if (!few && (!required || satisfied)) return true;
  if (count_alive() > 0) outcome_.lack = required && !satisfied ? Lack::required : Lack::enough;
  rule_out_alive(SourceState::selectable, Reason::waits_for_more, few ? settings_.min_sources : 0);
  return false;
}

void SelectionPass::prefer() {
  bool some = false;
  for (std::size_t i = 0; i < candidates_.size(); ++i) some = some || (alive_[i] && candidates_[i].prefer);
  if (!some) return;
  for (std::size_t i = 0; i < candidates_.size(); ++i)
    if (alive_[i] && !candidates_[i].prefer) rule_out(i, SourceState::selectable, Reason::not_preferred);
}

double SelectionPass::key_distance(std::size_t i, std::uint8_t best_stratum) const {
  const Candidate& c = candidates_[i];
  const auto change = context_.current == c.id ? base::Seconds{} : settings_.reselect_distance;
  constexpr base::Seconds least{1e-9};  // scores are ratios of these
  const auto distance =
      std::max(c.distance + change, least) + settings_.stratum_weight * (c.stratum.value - best_stratum);
  return distance.count();
}

std::size_t SelectionPass::choose() {
  std::uint8_t best_stratum = 16;
  std::optional<std::size_t> current;
  std::size_t nearest = candidates_.size();
  for (std::size_t i = 0; i < candidates_.size(); ++i)
    if (alive_[i]) best_stratum = std::min(best_stratum, candidates_[i].stratum.value);
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    if (!alive_[i]) continue;
    if (context_.current == candidates_[i].id) current = i;
    if (nearest == candidates_.size() || key_distance(i, best_stratum) < key_distance(nearest, best_stratum))
      nearest = i;
  }
  if (!current) {
    for (auto& v : verdicts_) v.evidence.score = 1;
    return nearest;
  }
  const double reference = key_distance(*current, best_stratum);
  std::size_t best = *current;
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    double& score = verdicts_[i].evidence.score;
    if (i == *current || !alive_[i]) {
      score = 1;
      continue;
    }
    const bool moves = context_.updated == candidates_[i].id || context_.updated == context_.current;
    if (moves) score = std::clamp(score * reference / key_distance(i, best_stratum), 1.0, 100.0);
    if (score > verdicts_[best].evidence.score) best = i;
  }
  if (verdicts_[best].evidence.score <= takeover_score) return *current;
  for (auto& v : verdicts_) v.evidence.score = 1;
  return best;
}

bool SelectionPass::agree(const Candidate& c, const Candidate& s) const {
  if (c.distance > settings_.combine_limit * (settings_.reselect_distance + s.distance)) return false;
  return std::fabs(c.frequency - s.frequency) <=
         settings_.combine_limit * (c.skew + s.skew + context_.clock_error);
}

void SelectionPass::combine(std::size_t selected) {
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    if (!alive_[i]) continue;
    if (i == selected) {
      verdicts_[i].state = SourceState::selected;
      verdicts_[i].reason = Reason::best;
    } else if (settings_.combine_limit > 0 && agree(candidates_[i], candidates_[selected])) {
      verdicts_[i].state = SourceState::combined;
      verdicts_[i].reason = Reason::combined;
    } else {
      verdicts_[i].state = SourceState::selectable;
      verdicts_[i].reason = Reason::distant;
      verdicts_[i].evidence.limit = settings_.combine_limit;
    }
  }
}

}  // namespace

Selection select(std::span<const Candidate> candidates, const SelectionContext& context) {
  return SelectionPass(candidates, context).run();
}

}  // namespace gnomon::engine
