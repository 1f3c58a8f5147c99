// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/probe/judge_sizes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "ctl/probe/judge.hpp"
#include "ctl/probe/words.hpp"

namespace gnomon::ctl::probe {
namespace {

using ipc::ProbeOutcome;

bool arrived(const Size& size) {
  return size.outcome == ProbeOutcome::answered;
}

// What is lost among the sizes that were tried.
struct Losses {
  std::size_t lost = 0;
  bool only_above = true;  // all of them above those that arrive
  std::uint16_t largest_arrived = 0;
  std::uint16_t smallest_lost = 0;
};

Losses losses(const std::vector<Size>& sizes) {
  Losses found;
  for (const auto& each : sizes) {
    if (arrived(each)) {
      found.largest_arrived = each.sent;
      if (found.lost > 0) found.only_above = false;
    } else if (found.lost++ == 0) {
      found.smallest_lost = each.sent;
    }
  }
  return found;
}

std::string lost_sizes(const std::vector<Size>& sizes) {
  std::vector<std::uint16_t> lost;
  for (const auto& each : sizes)
    if (!arrived(each)) lost.push_back(each.sent);
  return fmt::format("{}", fmt::join(lost, ", "));
}

std::string filter_remedy(const Losses& found) {
  if (!found.only_above) return "A filter on the way, or packet loss: repeat the probe to see which.";
  return "A filter on the way drops long NTP packets: it should let up to 1280 octets pass on UDP port 123, "
         "both ways.";
}

std::string range_text(const std::vector<Size>& sizes) {
  return sizes.size() == 1 ? fmt::format("{} octets", sizes.front().sent)
                           : fmt::format("{} to {} octets", sizes.front().sent, sizes.back().sent);
}

Finding fell_silent(const Exchanges& exchanges, std::string check) {
  const auto text = fmt::format("no answers any more after {}", counted(exchanges.answered, "request"));
  if (!exchanges.recovered)
    return {Grade::warning, std::move(check), "", text + ", nor 15 s later",
            "It limits the rate, or the way is lossy: probe again later."};
  const auto last = exchanges.sizes.empty() || !arrived(exchanges.sizes.back())
                        ? std::string{}
                        : fmt::format("; {} octets pass", exchanges.sizes.back().sent);
  return {Grade::note, std::move(check), "", text + ", but after a pause: it limits the rate" + last, ""};
}

class NtsJudge {
 public:
  explicit NtsJudge(const AtAddress& at)
      : at_(at), nts_(*at.nts), found_(losses(nts_.sizes)), address_(base::to_string(nts_.server.address)) {}

  Finding judge() const {
    auto finding = judged();
    finding.check = "NTS";
    finding.address = address_;
    return finding;
  }

 private:
  [[nodiscard]] bool any(ProbeOutcome outcome) const {
    return std::ranges::find(nts_.sizes, outcome, &Size::outcome) != nts_.sizes.end();
  }

  [[nodiscard]] Finding judged() const {
    if (found_.largest_arrived == 0) return unanswered();
    if (nts_.fell_silent) return fell_silent(nts_, "NTS");
    if (found_.lost > 0) return some_lost();
    return all_arrived();
  }

  [[nodiscard]] Finding unanswered() const {
    if (any(ProbeOutcome::nak) || nts_.first == ProbeOutcome::nak)
      return {
          Grade::critical, "", "", "the server cannot open the cookies that the key exchange gave (NTSN)",
          "NTS-KE and NTP server must share their cookie keys: see `ntsdumpdir` and the keys of a cluster."};
    if (nts_.unauthentic > 0)
      return {Grade::critical, "", "", "the answers are not authentic",
              "Someone alters or forges them on the way; or the server derives other keys: see its version."};
    if (nts_.kiss)
      return {Grade::critical, "", "",
              fmt::format("the server sends kiss-o'-death {}", letters_text(*nts_.kiss)),
              "It was asked too often, or does not serve this machine (`allow`)."};
    if (nts_.first == ProbeOutcome::refused || nts_.first == ProbeOutcome::unreachable)
      return {Grade::critical, "", "",
              fmt::format("{}: {}", base::to_string(nts_.server), why_text(nts_.first, nts_.error)),
              "The NTP server that the key exchange names must run and be reachable."};
    return silent();
  }

  [[nodiscard]] Finding silent() const {
    const auto plain = losses(at_.plain.sizes);
    const std::uint16_t needed = nts_.sizes.empty() ? 0 : nts_.sizes.front().sent;
    if (at_.plain.answered == 0)
      return {
          Grade::critical, "", "", "no answer to NTP, with NTS or without",
          "The key exchange works, so the server is up: let UDP port 123 pass in the filters, both ways."};
    if (at_.plain.fell_silent)
      return {Grade::warning, "", "",
              "no answer to requests with NTS; but the server limits the rate, so it is not certain",
              "Probe it again later, with --no-burst."};
    if (at_.plain.sizes.empty())
      return {Grade::critical, "", "", "no answer to requests with NTS, of whatever size",
              filter_remedy(found_)};
    if (plain.largest_arrived >= needed)
      return {Grade::critical, "", "",
              "no answer to requests with NTS, though to others of the same size: their answers are lost on "
              "the way "
              "back, or the server's NTP part does not know NTS",
              "See whether a filter drops long packets from UDP port 123, and the server's log."};
    return {Grade::critical, "", "",
            fmt::format("no answer to requests with NTS; plain ones of more than {} octets are lost as well",
                        std::max<std::uint16_t>(plain.largest_arrived, 48)),
            filter_remedy(found_)};
  }

  [[nodiscard]] Finding some_lost() const {
    const auto text = found_.only_above
                          ? fmt::format("requests of up to {} octets are answered, of {} and more not",
                                        found_.largest_arrived, found_.smallest_lost)
                          : fmt::format("requests of {} octets are not answered", lost_sizes(nts_.sizes));
    const auto addition =
        found_.only_above ? " Until then a client that lost answers cannot replace its cookies at once." : "";
    return {Grade::warning, "", "", text, filter_remedy(found_) + addition};
  }

  [[nodiscard]] Finding all_arrived() const {
    const auto& last = nts_.sizes.back();
    const auto text =
        fmt::format("{} of {} answered, {}", nts_.sizes.size(), nts_.sizes.size(), range_text(nts_.sizes));
    if (last.cookies < nts_.sizes.size())
      return {
          Grade::note, "", "",
          fmt::format("{}; {} for {} asked for", text, counted(last.cookies, "cookie"), nts_.sizes.size())};
    if (nts_.sizes.size() <= ipc::most_probe_placeholders)
      return {Grade::note, "", "", text + "; the cookies are too long for more in one packet"};
    return {Grade::ok, "", "", fmt::format("{}, up to {} at once", text, counted(last.cookies, "cookie"))};
  }

  const AtAddress& at_;
  const Exchanges& nts_;
  Losses found_;
  std::string address_;
};

}  // namespace

std::optional<Finding> judge_padded(const Exchanges& plain, bool nts) {
  const auto found = losses(plain.sizes);
  const auto grade = nts ? Grade::warning : Grade::note;
  // One that was lost before the answers ceased is no proof.
  constexpr std::size_t enough = 2;
  if (found.largest_arrived == 0 && found.lost >= enough)
    return Finding{
        grade, "sizes", "",
        std::string{"requests with an extension field are not answered, plain ones are"} +
            (plain.fell_silent ? "; it limits the rate as well" : ""),
        "A filter passes NTP packets of 48 octets alone, or the server ignores such fields: NTS needs "
        "them."};
  if (plain.fell_silent) return fell_silent(plain, "sizes");
  if (plain.sizes.empty()) return std::nullopt;
  if (found.lost == 0)
    return Finding{Grade::ok, "sizes", "", fmt::format("48 to {} octets pass", plain.sizes.back().sent), ""};
  const auto text = found.only_above
                        ? fmt::format("requests of up to {} octets are answered, of {} and more not",
                                      found.largest_arrived, found.smallest_lost)
                        : fmt::format("requests of {} octets are not answered", lost_sizes(plain.sizes));
  return Finding{grade, "sizes", "", text, filter_remedy(found)};
}

Findings judge_nts(const AtAddress& at) {
  if (!at.nts) return {};
  Findings findings{NtsJudge{at}.judge()};
  if (at.nts->unauthentic > 0 && at.nts->answered > 0)
    findings.push_back(
        {Grade::warning, "other packets", base::to_string(at.nts->server.address),
         fmt::format("{} came that were not authentic", counted(at.nts->unauthentic, "answer")),
         "Someone forges responses; NTS protects against that."});
  return findings;
}

}  // namespace gnomon::ctl::probe
