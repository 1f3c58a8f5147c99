// SPDX-License-Identifier: GPL-2.0-or-later
// What shows in all addresses together.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "ctl/probe/judge.hpp"
#include "ctl/probe/words.hpp"

namespace gnomon::ctl::probe {
namespace {

bool answers(const AtAddress& at) {
  return at.plain.answered > 0 || (at.nts && at.nts->answered > 0);
}

const Exchanges& best_exchanges(const AtAddress& at) {
  return at.plain.samples.empty() && at.nts ? *at.nts : at.plain;
}

std::string_view family_text(base::AddressFamily family) {
  return family == base::AddressFamily::ipv6 ? "IPv6" : "IPv4";
}

void judge_ending(const Facts& facts, const Options& options, Findings& findings) {
  switch (facts.ended) {
    case Ended::complete:
      return;
    case Ended::interrupted:
      return findings.push_back({Grade::unknown, "end", "", "interrupted: the probe is not complete", ""});
    case Ended::out_of_time:
      return findings.push_back(
          {Grade::unknown, "end", "",
           fmt::format("the probe is not complete after {}", length_text(options.timeout)),
           facts.addresses.empty()
               ? "The name servers do not answer: see /etc/resolv.conf, or name an address."
               : "Give it more time with --timeout."});
    case Ended::no_helper:
      return findings.push_back({Grade::unknown, "end", "",
                                 "a helper of gnomonctl ended or could not be started",
                                 "See whether gnomon is installed completely; messages above say more."});
  }
}

// Some answer and others do not.
void judge_silent(const Facts& facts, Findings& findings) {
  std::vector<std::string> silent;
  bool families[2] = {false, false};
  for (const auto& at : facts.addresses) {
    if (answers(at))
      families[at.address.family == base::AddressFamily::ipv6 ? 1 : 0] = true;
    else if (at.plain.sent > 0 || at.plain.error != 0)
      silent.push_back(base::to_string(at.address));
  }
  if (silent.empty()) return;
  if (!families[0] && !families[1])
    return findings.push_back({Grade::critical, "together", "", "no address answers", ""});
  const auto all_of = [&](base::AddressFamily family) {
    return !families[family == base::AddressFamily::ipv6 ? 1 : 0];
  };
  const auto lost = std::ranges::find_if(
      facts.addresses, [&](const AtAddress& at) { return !answers(at) && all_of(at.address.family); });
  const auto text =
      lost == facts.addresses.end()
          ? fmt::format("{} of {} addresses do not answer: {}", silent.size(), facts.addresses.size(),
                        fmt::join(silent, ", "))
          : fmt::format("no answer over {}: {}", family_text(lost->address.family), fmt::join(silent, ", "));
  findings.push_back(
      {Grade::warning, "together", "", text,
       "Clients that choose such an address have no time: take it out of DNS, or have the server "
       "answer there."});
}

void judge_offsets(const Facts& facts, Findings& findings) {
  const AtAddress* first = nullptr;
  for (const auto& at : facts.addresses) {
    const auto best = best_sample(best_exchanges(at));
    if (!best) continue;
    if (first == nullptr) {
      first = &at;
      continue;
    }
    const auto other = *best_sample(best_exchanges(*first));
    const auto apart = base::Seconds{std::abs((best->offset - other.offset).count())};
    if (apart <= error_bound(best_exchanges(at)) + error_bound(best_exchanges(*first))) continue;
    findings.push_back(
        {Grade::warning, "together", "",
         fmt::format("{} and {} are {} apart, more than both can be wrong", base::to_string(first->address),
                     base::to_string(at.address), length_text(apart)),
         "One of them has the wrong time: probe the addresses alone, and compare with others."});
    return;
  }
}

}  // namespace

Findings judge_together(const Facts& facts, const Options& options) {
  Findings findings;
  if (facts.addresses.size() > 1 && facts.ended == Ended::complete) {
    judge_silent(facts, findings);
    judge_offsets(facts, findings);
  }
  judge_ending(facts, options, findings);
  return findings;
}

}  // namespace gnomon::ctl::probe
