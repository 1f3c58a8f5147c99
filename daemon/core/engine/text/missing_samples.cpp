// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/text/missing_samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "daemon/core/engine/text/amount.hpp"
#include "daemon/core/engine/values/packet_tests.hpp"
#include "daemon/core/engine/values/reference_id.hpp"

namespace gnomon::engine {

namespace {

using Maybe = std::optional<Explanation>;

const char* plural(std::uint32_t count) {
  return count == 1 ? "" : "s";
}

// RFC 5905 section 7.4.
Explanation kissed(const std::string& code) {
  if (code == "RATE")
    return {"kiss_rate", "asks for fewer requests (kiss code RATE), and gets fewer",
            "if this persists, raise its minpoll and leave out burst and iburst, or use another server"};
  if (code == "INIT" || code == "STEP")
    return {
        "unsynchronised",
        fmt::format("has no time yet: its own clock {} (kiss code {})",
                    code == "INIT" ? "is not synchronised since its start" : "has just been stepped", code),
        "wait until it has, or use another server"};
  if (code == "DENY" || code == "RSTR")
    return {"kiss_denied", fmt::format("refuses to serve us: it answers with the kiss code {}", code),
            "ask its operator for access, or use another server"};
  return {"kiss_other", fmt::format("answers with the kiss code {} in place of a time", code),
          "ask its operator, or use another server"};
}

// What looks closer than we do.
std::string probe_of(const AssociationReport& r) {
  return r.port == 123 ? fmt::format("`gnomonctl probe {}`", r.name)
                       : fmt::format("`gnomonctl probe --port {} {}`", r.port, r.name);
}

std::string unanswered(const AssociationReport& r) {
  if (r.ntp.total_tx == 1) return "has not answered the one request that was sent to it";
  return fmt::format("has not answered any of {} requests", r.ntp.total_tx);
}

Maybe before_any_request(const AssociationReport& r) {
  if (r.is_offline || r.activity == Activity::offline || r.activity == Activity::burst_offline)
    return Explanation{
        "offline", "is offline and not polled",
        r.offline_at_start
            ? "set it online with `gnomonctl online`; its option `offline` makes it begin like that"
            : "set it online with `gnomonctl online`; a command, or its option auto_offline, has set it so"};
  if (!r.address.is_specified())
    return Explanation{"unresolved", "has no address yet: its name does not resolve",
                       fmt::format("check the name and the DNS of this machine (`getent ahosts {}`); the log "
                                   "has what the resolver said",
                                   r.name)};
  return std::nullopt;
}

// One server counts once. That two names of the configuration are one server is seen where servers answer.
Maybe without_own_address(const AssociationReport& r, bool others_agree) {
  if (r.activity != Activity::unresolved || !r.name_is_taken) return std::nullopt;
  if (others_agree)
    return Explanation{
        "address_taken", "has no address of its own: each one that its name has is a source already",
        "if this persists, remove one of the two, since one server counts once, or name another"};
  return Explanation{"address_taken",
                     "has no address of its own: several names have the same address now, as where a captive "
                     "portal or a DNS that filters answers every name with its own",
                     "log in to the network, or use another DNS; the configuration need not change for that"};
}

// What the journal says of it is "stage: reason (detail). Remedy"; the stage is in the reason, mostly.
Explanation failed_exchange(const AuthReport& auth) {
  const std::string_view text = auth.failure_text;
  const auto stop = text.find(". ");
  const auto begin = text.substr(0, stop).find(": ");
  const bool whole = stop != text.npos && begin != text.npos;
  return {"ke_failed",
          fmt::format("has no NTS keys: the key exchange failed {} time{}: {}", auth.ke_attempts,
                      plural(auth.ke_attempts),
                      whole ? text.substr(begin + 2, stop - begin - 2) : std::string_view{auth.last_failure}),
          whole ? std::string{text.substr(stop + 2)} : "the log has the details"};
}

Maybe nts(const AssociationReport& r) {
  if (r.auth.mode != AuthMode::nts) return std::nullopt;
  const auto& auth = r.auth;
  if (auth.cookies == 0 && !auth.last_failure.empty()) return failed_exchange(auth);
  if (auth.naks > 0)
    return Explanation{"nts_nak",
                       fmt::format("rejects our NTS cookies ({} NAK{}); a new key exchange is made",
                                   auth.naks, plural(auth.naks)),
                       ""};
  if (auth.key_id == 0)
    return Explanation{"ke_pending", "waits for its NTS key exchange to finish",
                       "if that takes long, its TCP port for NTS does not answer, or a firewall blocks it"};
  return std::nullopt;
}

Maybe not_sent(const AssociationReport& r) {
  if (r.send_failure.empty() || r.ntp.total_rx > 0) return std::nullopt;
  return explain_not_sent(r, "cannot be sent to");
}

Maybe symmetric(const AssociationReport& r) {
  if (r.auth.mode != AuthMode::symmetric) return std::nullopt;
  if (r.auth.key_type == 0)
    return Explanation{"key_missing",
                       fmt::format("gets no requests, because its key {} is missing", r.auth.key_id),
                       "add it to the file of `keyfile`, then run `gnomonctl rekey`"};
  if (auto unsent = not_sent(r)) return unsent;
  if (r.ntp.total_rx > 0 && !r.ntp.any)
    return Explanation{"key_rejected", fmt::format("answers, but not with a MAC of key {}", r.auth.key_id),
                       "compare type and key in the files on both sides"};
  if (r.ntp.total_tx > 0 && r.ntp.total_rx == 0)
    return Explanation{
        "no_answer", unanswered(r),
        fmt::format("it may have no key {} or another one, or UDP port {} is not open towards it",
                    r.auth.key_id, r.port)};
  return std::nullopt;
}

Maybe answers(const AssociationReport& r) {
  if (r.ntp.total_tx > 0 && r.ntp.total_rx == 0)
    return Explanation{
        "no_answer", unanswered(r),
        fmt::format("check that it is up and that UDP port {} is open towards it; {} looks closer", r.port,
                    probe_of(r))};
  if (r.loop == Loop::ourselves)
    return Explanation{
        "ourselves", "is this daemon itself: our own server answers there, and a clock cannot correct itself",
        "remove it from the sources"};
  if (r.loop == Loop::follows_us)
    return Explanation{
        "follows_us",
        "follows us, so we would follow ourselves; it is used as soon as it follows another source", ""};
  if (r.kiss) return kissed(letters_of(*r.kiss));
  if (const auto code = letters_of(r.ntp.reference_id); r.ntp.any && r.ntp.stratum == 0 && !code.empty())
    return kissed(code);
  if (r.ntp.any && (r.ntp.tests & packet_test::timestamps) == 0)
    return Explanation{"impossible_times",
                       fmt::format("says that it sent its last answer {} before the request arrived; its "
                                   "clocks disagree, or its clock keeps being set",
                                   amount(r.ntp.response_time)),
                       "use another server in the meantime"};
  if (!r.ntp.any && r.reach == 0 && r.ntp.total_rx > 0)
    return Explanation{
        "no_valid_answer",
        fmt::format("has not answered any of {} requests: {} packet{} came from it, and none was an "
                    "answer to what had been asked",
                    r.ntp.total_tx, r.ntp.total_rx, plural(r.ntp.total_rx)),
        fmt::format("use another server; {} looks closer", probe_of(r))};
  return std::nullopt;
}

constexpr std::uint8_t server_mode = 4;  // and no peer's

// The option whose test it fails; "": the time that the server took; nullptr: none.
const char* failed_delay(const AssociationReport& r) {
  const auto fails = [&r](std::uint16_t test) { return (r.ntp.tests & test) == 0; };
  if (fails(packet_test::delay_limit))
    return r.ntp.mode == server_mode && r.ntp.response_time > longest_response_time ? "" : "maxdelay";
  if (fails(packet_test::delay_ratio)) return "maxdelayratio";
  return fails(packet_test::delay_deviation) ? "maxdelaydevratio or maxdelayquant" : nullptr;
}

Explanation too_long(const AssociationReport& r, std::string_view limit) {
  if (limit.empty())
    return {
        "response_time",
        fmt::format("answers, but says that it took {} to do so, longer than the {} after which its clock "
                    "may have been set meanwhile",
                    amount(r.ntp.response_time), amount(longest_response_time)),
        "use another server"};
  return {
      "delay_limit",
      fmt::format("answers, but its round trip of {} is longer than {} allows", amount(r.ntp.delay), limit),
      "raise the limit, or use a nearer server"};
}

// The first test that its last answer fails.
Explanation failed_test(const AssociationReport& r) {
  const auto fails = [&r](std::uint16_t test) { return (r.ntp.tests & test) == 0; };
  if (fails(packet_test::synchronised)) return explain_unsynchronised(r);
  if (fails(packet_test::root_distance))
    return {"root_distance",
            fmt::format("answers, but is too far from true time by its own account (root delay {}, root "
                        "dispersion {})",
                        amount(r.ntp.root_delay), amount(r.ntp.root_dispersion)),
            "use another server"};
  if (const auto* const limit = failed_delay(r); limit != nullptr) return too_long(r, limit);
  return {"tests_failed", fmt::format("answers, but its answers fail the tests ({:010b})", r.ntp.tests),
          "see `gnomonctl ntpdata`"};
}

}  // namespace

Explanation explain_unsynchronised(const AssociationReport& r) {
  return {"unsynchronised",
          fmt::format("says of itself that it is not synchronised (leap {}, stratum {})",
                      static_cast<int>(r.ntp.leap), r.stratum),
          "wait until it is, or use another server"};
}

Explanation explain_not_sent(const AssociationReport& r, std::string_view what) {
  return {"not_sent", fmt::format("{}: {}", what, r.send_failure),
          "check this machine's route to its address, and its own filters; the options ipv4 and ipv6 choose "
          "a family"};
}

Explanation explain_missing_samples(const AssociationReport& r, double needed, bool others_agree) {
  if (auto taken = without_own_address(r, others_agree)) return std::move(*taken);
  for (const auto look : {before_any_request, nts, symmetric, not_sent, answers})
    if (auto found = look(r)) return std::move(*found);
  if (r.ntp.any && r.ntp.total_good_rx == 0) return failed_test(r);
  if (r.filter > 1)
    return {
        "gathering",
        fmt::format(
            "has given {} good answer{} so far; its option filter makes one measurement of {}, and {:.0f} "
            "measurements are needed",
            r.ntp.total_good_rx, plural(r.ntp.total_good_rx), r.filter, std::max(needed, 1.0)),
        ""};
  return {"gathering",
          fmt::format(
              "has given {} good measurement{} so far and {:.0f} are needed; selection will consider it soon",
              r.ntp.total_good_rx, plural(r.ntp.total_good_rx), std::max(needed, 1.0)),
          ""};
}

}  // namespace gnomon::engine
