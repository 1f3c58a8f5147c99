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
          "is measured but not used: noselect, or authselectmode prefers authenticated sources", ""};
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
            "compare the offsets, remove the sources that are wrong, and use at least four"};
  if (!outcome.consensus) return {"falseticker", "disagrees with the majority, " + interval(e), replace};
  const auto& agreed = *outcome.consensus;
  const auto difference = e.offset - (agreed.low + agreed.high) / 2.0;
  return {
      "falseticker",
      fmt::format("disagrees with the majority, {}: its time is {} {} of the one on which {} of {} sources "
                  "agree, and {}",
                  interval(e), amount(difference), difference.count() > 0 ? "ahead" : "behind",
                  agreed.agreeing, agreed.voters, what_the_route_explains(difference, r)),
      replace};
}

std::string best(const Evidence& e, const SelectionOutcome& outcome) {
  if (const auto& agreed = outcome.consensus; agreed && agreed->voters > 1)
    return fmt::format("is selected: {} of {} sources agree, and it is the nearest of them, {}",
                       agreed->agreeing, agreed->voters, interval(e));
  return "is selected: it is the only one that can be, " + interval(e);
}

std::string too_few(const Evidence& e, const SelectionOutcome& outcome) {
  if (outcome.lack == Lack::required)
    return "is good, but waits for one of the sources that are required: by their option require, or because "
           "they are authenticated and authselectmode is mix";
  return fmt::format("is good, but too few sources are (minsources {:.0f})", e.limit);
}

Explanation beyond_a_limit(const Verdict& v, const AssociationReport& r) {
  const Evidence& e = v.evidence;
  const auto word = name_of(v.reason);
  if (v.reason == Reason::stratum_out_of_range)
    return {word, fmt::format("has stratum {}, the limit is {:.0f}", r.stratum, e.limit),
            "see minstratum and maxstratum"};
  if (v.reason == Reason::distance_too_large)
    return {word,
            fmt::format("could be wrong by {}, above maxdistance {}", amount(e.distance),
                        amount(base::Seconds{e.limit})),
            "its path, or that of its own source, is too long: use a nearer one"};
  return {word, fmt::format("varies by more than maxjitter {}", amount(base::Seconds{e.limit})),
          "its path is congested: use another server, or one that is nearer"};
}

}  // namespace

Explanation explain_source(const Verdict& v, const AssociationReport& r, const SelectionOutcome& outcome) {
  const Evidence& e = v.evidence;
  const auto word = name_of(v.reason);
  switch (v.reason) {
    case Reason::best:
      return {word, best(e, outcome), ""};
    case Reason::combined:
      return {word, "agrees with the selected source and is combined with it, " + interval(e), ""};
    case Reason::no_select:
      return not_to_be_selected(r);
    case Reason::missing_samples:
      return r.is_refclock() ? explain_missing_readings(r, e.limit) : explain_missing_samples(r, e.limit);
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
      return {word, too_few(e, outcome),
              outcome.lack == Lack::required ? "see why these cannot be used" : "add or fix sources"};
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
