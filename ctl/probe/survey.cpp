// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/probe/survey.hpp"

#include <algorithm>
#include <utility>

#include "base/address.hpp"
#include "ctl/probe/ask_ke.hpp"
#include "ctl/probe/ask_ntp.hpp"
#include "ctl/probe/judge.hpp"

namespace gnomon::ctl::probe {
namespace {

class Surveyor {
 public:
  Surveyor(const Options& options, const Context& context) : options_(options), context_(context) {}

  Survey run() {
    auto& facts = result_.facts;
    facts.begun = context_.now().real;
    facts.own_clock = context_.own_clock();
    look_up();
    tell(judge_names(facts, options_));
    for (auto& at : facts.addresses)
      if (goes_on()) look_at(at);
    if (goes_on()) try_burst();
    facts.ended = context_.ended();
    tell(judge_together(facts, options_));
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool goes_on() const { return context_.ended() == Ended::complete; }

  void tell(Findings findings) {
    for (auto& finding : findings) {
      context_.tell(finding);
      result_.findings.push_back(std::move(finding));
    }
  }

  void look_up() {
    auto& facts = result_.facts;
    std::vector<base::IpAddress> found;
    if (const auto literal = base::parse_address(options_.host)) {
      found.push_back(*literal);
    } else {
      context_.begin("looking up the name");
      const auto answer = context_.resolve(options_.host, options_.family);
      facts.lookup_time = context_.now().real - facts.begun;
      if (!answer) return;
      if (!*answer) facts.lookup_error = answer->error();
      if (*answer) found = **answer;
    }
    const auto other = [&](const base::IpAddress& each) {
      return options_.family != base::AddressFamily::unspecified && each.family != options_.family;
    };
    std::erase_if(found, other);
    for (const auto& address : found)
      if (facts.addresses.size() < most_addresses)
        facts.addresses.push_back({.address = address});
      else
        ++facts.further_addresses;
  }

  void look_at(AtAddress& at) {
    const auto now = context_.now().real;
    if (options_.nts != Nts::without) {
      at.key_exchange = ask_ke(options_, context_, at.address);
      tell(judge_key_exchange(at, options_, now));
    }
    if (!goes_on()) return;
    ask_plain(options_, context_, at);
    // Silence that was not waited for to its end says nothing.
    if (goes_on() || at.plain.first_answered > 0)
      tell(judge_plain(at, options_, result_.facts.own_clock, result_.facts.addresses.size() > 1));
    if (!goes_on() || !at.key_exchange || !at.key_exchange->seen.session) return;
    if (!at.key_exchange->refused.empty()) return;
    ask_nts(options_, context_, at);
    if (goes_on()) tell(judge_nts(at));
  }

  // At one address: all of them may be one machine.
  void try_burst() {
    const auto at = std::ranges::find_if(result_.facts.addresses, [](const AtAddress& each) {
      return each.plain.answered > 0 && !each.plain.fell_silent && !each.plain.kiss;
    });
    if (!options_.burst || at == result_.facts.addresses.end()) return;
    context_.begin("a burst of requests");
    at->burst = context_.burst({.server = at->plain.server, .count = ipc::most_probe_burst});
    tell(judge_burst(*at));
  }

  const Options& options_;
  const Context& context_;
  Survey result_;
};

}  // namespace

Survey survey(const Options& options, const Context& context) {
  return Surveyor{options, context}.run();
}

}  // namespace gnomon::ctl::probe
