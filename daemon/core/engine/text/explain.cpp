// SPDX-License-Identifier: GPL-2.0-or-later
// Why a source is in the state it is in, as a sentence.
#include <fmt/format.h>

#include <cmath>

#include "daemon/core/engine/text/messages.hpp"
#include "daemon/core/engine/values/packet_tests.hpp"
#include "daemon/core/engine/values/reference_id.hpp"

namespace gnomon::engine {

namespace {

std::string amount(base::Seconds value) {
  const double size = std::fabs(value.count());
  if (size < 999.5e-9) return fmt::format("{:.0f} ns", size * 1e9);
  if (size < 999.5e-6) return fmt::format("{:.0f} us", size * 1e6);
  if (size < 0.9995) return fmt::format("{:.1f} ms", size * 1e3);
  return fmt::format("{:.3f} s", size);
}

std::string ago(base::Duration age) {
  return fmt::format("{:.0f} s", base::to_seconds(age).count());
}

std::string called(const AssociationReport& r) {
  const std::string address = r.address.is_specified() ? base::to_string(r.address) : std::string{};
  if (address.empty() || address == r.name) return r.name;
  return fmt::format("{} ({})", r.name, address);
}

std::string kissed_text(const std::string& code) {
  if (code == "RATE")
    return "asks for fewer requests (kiss code RATE), and gets fewer; use another server if this persists";
  return fmt::format(
      "refuses to serve us: it answers with the kiss code {}; ask its operator for access, or use "
      "another server",
      code);
}

// A reference clock whose last reading did not count: why, and what to do.
std::string trouble_text(RefclockTrouble trouble) {
  switch (trouble) {
    case RefclockTrouble::silent:
      return "gives no readings; check its device, and the program that writes them";
    case RefclockTrouble::wrong_time:
      return "gives readings of another time than now: too old, in the future, or the same again";
    case RefclockTrouble::no_whole_seconds:
      return "gives pulses, and the clock of its option `lock` has given no reading lately; check that one, "
             "or "
             "raise maxlockage";
    case RefclockTrouble::ambiguous_pulse:
      return "gives pulses, and the clock of its option `lock` is too far off, or too uncertain, to tell "
             "which "
             "second they begin; correct that clock's `offset`";
    case RefclockTrouble::clock_not_known:
      return "gives pulses, and our clock is not known well enough yet to tell which second they begin; add "
             "servers, a clock to `lock` it to, or `local`";
    case RefclockTrouble::wrong_edge:
      return "gives pulses of the other edge, by its option `width`";
    case RefclockTrouble::no_tai_offset:
      return "runs on TAI, and it is not known by how much that is ahead of UTC; set leapseclist or "
             "leapsectz, "
             "and keep that file up to date";
    case RefclockTrouble::too_noisy:
      return "gives readings that differ by more than maxdispersion";
    case RefclockTrouble::none:
      break;
  }
  return {};
}

std::string why_no_samples_of_clock(const Verdict& v, const AssociationReport& r) {
  if (const auto text = trouble_text(r.trouble); !text.empty()) return text;
  return fmt::format("has given {} sample{} so far and {:.0f} are needed; selection will consider it soon",
                     r.ntp.total_good_rx, r.ntp.total_good_rx == 1 ? "" : "s",
                     std::max(v.evidence.limit, 1.0));
}

// A source without samples: the first thing on the way to one that did not work.
std::string why_no_samples(const Verdict& v, const AssociationReport& r) {
  if (r.activity == Activity::offline || r.activity == Activity::burst_offline)
    return "is offline and not polled, as its option `offline` says";
  if (!r.address.is_specified())
    return "has no address yet: its name does not resolve; check the name and the DNS";
  if (r.auth.mode == AuthMode::nts && r.auth.cookies == 0 && !r.auth.last_failure.empty())
    return fmt::format(
        "has no NTS keys: the key exchange failed ({}), {} attempt{} so far; the log has the details",
        r.auth.last_failure, r.auth.ke_attempts, r.auth.ke_attempts == 1 ? "" : "s");
  if (r.auth.mode == AuthMode::nts && r.auth.naks > 0)
    return fmt::format("rejects our NTS cookies ({} NAK{}); a new key exchange is made", r.auth.naks,
                       r.auth.naks == 1 ? "" : "s");
  if (r.auth.mode == AuthMode::nts && r.auth.key_id == 0)
    return "waits for its NTS key exchange to finish; if that takes long, its TCP port for NTS does not "
           "answer, or a firewall blocks it";
  if (r.auth.mode == AuthMode::symmetric && r.auth.key_type == 0)
    return fmt::format(
        "gets no requests, because its key {} is missing; add it to the file of `keyfile`, then run "
        "`gnomonctl rekey`",
        r.auth.key_id);
  if (r.auth.mode == AuthMode::symmetric && r.ntp.total_rx > 0 && !r.ntp.any)
    return fmt::format(
        "answers, but not with a MAC of key {}; compare type and key in the files on both sides",
        r.auth.key_id);
  if (r.auth.mode == AuthMode::symmetric && r.ntp.total_tx > 0 && r.ntp.total_rx == 0)
    return fmt::format(
        "has not answered any of {} requests; it may have no key {} or another one, or UDP port {} is not "
        "open "
        "towards it",
        r.ntp.total_tx, r.auth.key_id, r.port);
  if (r.ntp.total_tx > 0 && r.ntp.total_rx == 0)
    return fmt::format("has not answered any of {} requests; check that UDP port {} is open towards it",
                       r.ntp.total_tx, r.port);
  if (r.loop == Loop::ourselves)
    return "is this daemon itself: our own server answers there, and a clock cannot correct itself; remove "
           "it from the sources";
  if (r.loop == Loop::follows_us)
    return "follows us, so we would follow ourselves; it is used as soon as it follows another source";
  if (r.kiss) return kissed_text(letters_of(*r.kiss));
  if (const auto code = letters_of(r.ntp.reference_id); r.ntp.any && r.ntp.stratum == 0 && !code.empty())
    return kissed_text(code);
  if (r.ntp.any && (r.ntp.tests & packet_test::timestamps) == 0)
    return fmt::format(
        "says that it sent its last answer {} before the request arrived; its clocks disagree, or its clock "
        "keeps being set",
        amount(r.ntp.response_time));
  if (r.ntp.any && r.ntp.total_good_rx == 0)
    return fmt::format("answers, but its answers fail the tests ({:010b}); see `gnomonctl ntpdata`",
                       r.ntp.tests);
  return fmt::format(
      "has given {} good measurement{} so far and {:.0f} are needed; selection will consider it soon",
      r.ntp.total_good_rx, r.ntp.total_good_rx == 1 ? "" : "s", std::max(v.evidence.limit, 1.0));
}

std::string interval(const Evidence& e) {
  return fmt::format("offset {}{} +/- {}", e.offset.count() < 0 ? "-" : "+", amount(e.offset),
                     amount(e.distance));
}

std::string unsynchronised_text(const AssociationReport& r) {
  if (r.is_refclock()) return "is not synchronised itself, as its driver says, or its option `local`";
  return fmt::format(
      "says of itself that it is not synchronised (leap {}, stratum {}); wait until it is, or use another "
      "server",
      static_cast<int>(r.ntp.leap), r.stratum);
}

std::string stale_text(const AssociationReport& r) {
  if (const auto trouble = trouble_text(r.trouble); r.is_refclock() && !trouble.empty()) return trouble;
  const std::string last = r.last_rx ? ago(*r.last_rx) + " ago" : std::string("long ago");
  return "is no longer reachable, its last good answer came " + last +
         "; it is not used until it answers again";
}

std::string clause(const Verdict& v, const AssociationReport& r) {
  const Evidence& e = v.evidence;
  switch (v.reason) {
    case Reason::best:
      return "is selected: it is the nearest of the sources that agree, " + interval(e);
    case Reason::combined:
      return "agrees with the selected source and is combined with it, " + interval(e);
    case Reason::no_select:
      return "is measured but not used: noselect, or authselectmode prefers authenticated sources";
    case Reason::missing_samples:
      return r.is_refclock() ? why_no_samples_of_clock(v, r) : why_no_samples(v, r);
    case Reason::unsynchronised:
      return unsynchronised_text(r);
    case Reason::stratum_out_of_range:
      return fmt::format("has stratum {}, the limit is {:.0f}; see minstratum and maxstratum", r.stratum,
                         e.limit);
    case Reason::distance_too_large:
      return fmt::format(
          "could be wrong by {}, above maxdistance {}; its path, or that of its own source, is too long",
          amount(e.distance), amount(base::Seconds{e.limit}));
    case Reason::too_jittery:
      return fmt::format("varies by more than maxjitter {}; its path is congested",
                         amount(base::Seconds{e.limit}));
    case Reason::waits_for_others:
      return "is ready and waits for sources that may still answer, so that the fastest one does not set the "
             "clock alone";
    case Reason::stale:
      return stale_text(r);
    case Reason::orphan:
      return "has the stratum of our own local reference, and the smaller reference ID takes precedence";
    case Reason::not_agreed_by_trusted:
      return "may be outside the range of the trusted sources, " + interval(e) +
             "; authenticated sources are trusted";
    case Reason::falseticker:
      return "disagrees with the majority, " + interval(e) + "; replace it if this persists";
    case Reason::waits_for_more:
      return "is good, but too few sources are (minsources), or none of the required ones; add or fix "
             "sources";
    case Reason::not_preferred:
      return "is good, but another source has the option prefer";
    case Reason::provisional:
      return "answers, " + interval(e) +
             ", but the dates of its certificate do not fit our clock, which is not confirmed yet: it only "
             "helps to find the date, until its certificate has been checked against that";
    case Reason::distant:
      return fmt::format("is good but too far from the best one to be combined, {} (combinelimit {:.1f})",
                         interval(e), e.limit);
  }
  return "is in an unknown state";
}

}  // namespace

std::string explain(const Verdict& verdict, const AssociationReport& report) {
  return called(report) + " " + clause(verdict, report) + ".";
}

}  // namespace gnomon::engine
