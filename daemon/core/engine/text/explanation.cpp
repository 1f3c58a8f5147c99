// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/text/explanation.hpp"

#include <fmt/format.h>

#include <cmath>

#include "daemon/core/engine/text/amount.hpp"
#include "daemon/core/engine/text/messages.hpp"
#include "daemon/core/engine/text/missing_samples.hpp"
#include "daemon/core/engine/text/refclock_text.hpp"

namespace gnomon::engine {

namespace {

std::string interval(const Evidence& e) {
  return fmt::format("offset {} +/- {}", signed_amount(e.offset), amount(e.distance));
}

// A reference clock that only numbers the pulses of another is asked about when it is silent.
Explanation not_to_be_selected(const AssociationReport& r) {
  if (auto trouble = explain_trouble(r.trouble); r.is_refclock() && r.reach == 0 && trouble)
    return std::move(*trouble);
  return {name_of(Reason::no_select),
          r.select_options.no_select
              ? "is measured but not used, by its option noselect"
              : "is measured but not used: authselectmode lets only authenticated sources be used",
          ""};
}

Explanation unreachable(const AssociationReport& r) {
  if (auto trouble = explain_trouble(r.trouble); r.is_refclock() && trouble) return std::move(*trouble);
  if (!r.send_failure.empty()) return explain_not_sent(r, "is no longer reachable, and cannot be sent to");
  const std::string last = r.last_rx ? age_text(*r.last_rx) + " ago" : std::string("long ago");
  return {
      name_of(Reason::stale),
      "is no longer reachable, its last good answer came " + last + "; it is not used until it answers again",
      r.is_refclock() ? "" : fmt::format("check the network, and UDP port {} towards it", r.port)};
}

// Half of a round trip is the most that two directions of different length can make a time wrong by.
std::string what_the_route_explains(base::Seconds difference, const AssociationReport& r) {
  if (r.is_refclock()) return "an `offset` or `delay` that is not right for its device looks like that";
  const auto round_trip = r.ntp.delay;
  if (std::fabs(difference.count()) <= round_trip.count() / 2)
    return fmt::format(
        "one direction of its route that is slower than the other may explain it (round trip {})",
        amount(round_trip));
  return fmt::format(
      "its route cannot explain that (round trip {}): its clock, or the one it follows, is wrong",
      amount(round_trip));
}

Explanation falseticker(const Evidence& e, const AssociationReport& r, const SelectionOutcome& outcome) {
  constexpr const char* replace = "replace it if this persists";
  if (const auto& vote = outcome.disagreement)
    return {"no_majority",
            fmt::format("contradicts others, and nothing shows who is right: {} of {}{} sources agree, {}",
                        vote->agreeing, vote->voters, vote->trusted ? " trusted" : "", interval(e)),
            vote->voters < 4 ? "compare the offsets, remove the sources that are wrong, and use at least four"
                             : "compare the offsets, and remove the sources that are wrong"};
  if (!outcome.consensus) return {"falseticker", "disagrees with the majority, " + interval(e), replace};
  const auto& agreed = *outcome.consensus;
  const auto difference = e.offset - (agreed.low + agreed.high) / 2.0;
  const char* const side = difference.count() > 0 ? "ahead of" : "behind";
  // Their number does not count: who is right is for the operator to find out.
  if (is_by_trust(agreed))
    return {"falseticker",
            fmt::format("disagrees with the trusted sources, {}: its time is {} {} theirs", interval(e),
                        amount(difference), side),
            "find out who is right: replace this one, or whichever is trusted (the option trust, or "
            "authenticated sources with authselectmode mix)"};
  return {"falseticker",
          fmt::format("disagrees with the majority, {}: its time is {} {} the one on which {} of {} sources "
                      "agree, and {}",
                      interval(e), amount(difference), side, agreed.agreeing, agreed.voters,
                      what_the_route_explains(difference, r)),
          replace};
}

std::string best(const Verdict& v, const SelectionOutcome& outcome) {
  const auto& agreed = outcome.consensus;
  if (!agreed || agreed->voters < 2)
    return "is selected: it is the only one that can be, " + interval(v.evidence);
  const auto others = agreed->voters - agreed->agreeing;
  if (is_by_trust(*agreed))
    return fmt::format(
        "is selected: it {}, which counts although {} of {} sources are not within the range of the trusted "
        "ones, {}",
        v.effective.trust ? "is trusted" : "agrees with those that are trusted", others, agreed->voters,
        interval(v.evidence));
  return fmt::format("is selected: {} of {} sources agree, and it is the nearest of them, {}",
                     agreed->agreeing, agreed->voters, interval(v.evidence));
}

// Of one whose measurements of before count.
std::string silence(const AssociationReport& r) {
  if (r.is_offline) return "; it is offline and not asked";
  return r.reach == 0 ? "; it has answered none of its last 8 requests" : "";
}

std::string missing_required(Requirement requirement) {
  switch (requirement) {
    case Requirement::option:
      return "is good, but waits for a source with the option require, of which none can be used";
    case Requirement::mode:
      return "is good, but authselectmode mix uses it only beside an authenticated source, of which none can "
             "be used";
    case Requirement::unknown:
    case Requirement::either:
      break;
  }
  return "is good, but waits for one of the sources that are required: by their option require, or because "
         "they are authenticated and authselectmode is mix";
}

std::string too_few(const Evidence& e, const SelectionOutcome& outcome, Requirement requirement) {
  if (outcome.lack == Lack::required) return missing_required(requirement);
  if (outcome.consensus && outcome.consensus->agreeing == 1)
    return fmt::format("is good, but the only one that is, and minsources demands {:.0f}", e.limit);
  return outcome.consensus ? fmt::format("is good, but only {} sources are, and minsources demands {:.0f}",
                                         outcome.consensus->agreeing, e.limit)
                           : fmt::format("is good, but too few sources are (minsources {:.0f})", e.limit);
}

// What most of it comes from.
Explanation too_distant(const Evidence& e, const AssociationReport& r) {
  const auto told = fmt::format("could be wrong by {}, above maxdistance {}", amount(e.distance),
                                amount(base::Seconds{e.limit}));
  const auto half = e.distance / 2.0;
  const auto word = name_of(Reason::distance_too_large);
  if (const auto own = r.ntp.root_delay / 2.0 + r.ntp.root_dispersion; own > half)
    return {word, fmt::format("{}: by its own account it may be {} off itself", told, amount(own)),
            "use another server: this one has lost its source, or is far from one"};
  if (r.ntp.delay / 2.0 > half)
    return {word, fmt::format("{}: its round trip takes {}", told, amount(r.ntp.delay)),
            "use a server that is nearer, or raise maxdistance"};
  return {
      word, told + ": its measurements are old or scatter",
      r.is_refclock() ? "look at its signal" : "look at the network on the way to it, or use another server"};
}

Explanation beyond_a_limit(const Verdict& v, const AssociationReport& r) {
  const Evidence& e = v.evidence;
  const auto word = name_of(v.reason);
  if (v.reason == Reason::stratum_out_of_range)
    return {word, fmt::format("has stratum {}, the limit is {:.0f}", r.stratum, e.limit),
            "see minstratum and maxstratum"};
  if (v.reason == Reason::distance_too_large) return too_distant(e, r);
  return {word, fmt::format("varies by more than maxjitter {}", amount(base::Seconds{e.limit})),
          "its path is congested: use another server, or one that is nearer"};
}

}  // namespace

bool is_by_trust(const Consensus& agreed) {
  return 2 * agreed.agreeing <= agreed.voters;
}

Explanation explain_source(const Verdict& v, const AssociationReport& r, const SelectionOutcome& outcome,
                           Requirement requirement) {
  const Evidence& e = v.evidence;
  const auto word = name_of(v.reason);
  switch (v.reason) {
    case Reason::best:
      return {word, best(v, outcome) + silence(r), ""};
    case Reason::combined:
      return {word, "agrees with the selected source and is combined with it, " + interval(e) + silence(r),
              ""};
    case Reason::no_select:
      return not_to_be_selected(r);
    case Reason::missing_samples:
      return r.is_refclock() ? explain_missing_readings(r, e.limit)
                             : explain_missing_samples(r, e.limit, outcome.consensus.has_value());
    case Reason::unsynchronised:
      if (r.is_refclock())
        return {word, "is not synchronised itself, as its driver says, or its option `local`", ""};
      return explain_unsynchronised(r);
    case Reason::stratum_out_of_range:
    case Reason::distance_too_large:
    case Reason::too_jittery:
      return beyond_a_limit(v, r);
    case Reason::waits_for_others:
      return {word,
              "is ready and waits for sources that may still answer, so that the fastest one does not set "
              "the clock alone",
              ""};
    case Reason::stale:
      return unreachable(r);
    case Reason::orphan:
      return {word,
              "has the stratum of our own local reference, and the smaller reference ID takes precedence",
              ""};
    case Reason::not_agreed_by_trusted:
      return {word,
              "may be outside the range of the trusted sources, " + interval(e) +
                  "; authenticated sources are trusted",
              ""};
    case Reason::falseticker:
      return falseticker(e, r, outcome);
    case Reason::waits_for_more:
      return {word, too_few(e, outcome, requirement),
              outcome.lack == Lack::required ? "see why these cannot be used"
                                             : "add sources, see what keeps others out, or lower minsources"};
    case Reason::not_preferred:
      return {word, "is good, but another source has the option prefer", ""};
    case Reason::provisional:
      return {word,
              "answers, " + interval(e) +
                  ", but the dates of its certificate do not fit our clock, which is not confirmed yet: it "
                  "only helps to find the date, until its certificate has been checked against that",
              ""};
    case Reason::distant:
      return {word,
              fmt::format("is good but too far from the best one to be combined, {} (combinelimit {:.1f})",
                          interval(e), e.limit),
              ""};
  }
  return {word, "is in an unknown state", ""};
}

std::string sentence(std::string clause) {
  if (clause.empty()) return clause;
  if (clause.front() >= 'a' && clause.front() <= 'z') clause.front() -= 'a' - 'A';
  if (!clause.ends_with('.')) clause += '.';
  return clause;
}

std::string source_called(const AssociationReport& r) {
  const std::string address = r.address.is_specified() ? base::to_string(r.address) : std::string{};
  if (address.empty() || address == r.name) return r.name;
  return fmt::format("{} ({})", r.name, address);
}

std::string explain(const Verdict& verdict, const AssociationReport& report,
                    const SelectionOutcome& outcome) {
  const auto made = explain_source(verdict, report, outcome);
  const bool is_sentence = !made.remedy.empty() && made.remedy.front() >= 'A' && made.remedy.front() <= 'Z';
  return fmt::format("{} {}{}{}.", source_called(report), made.what,
                     made.remedy.empty() ? ""
                     : is_sentence       ? ". "
                                         : "; ",
                     made.remedy);
}

}  // namespace gnomon::engine
