// SPDX-License-Identifier: GPL-2.0-or-later
// What an association tells about itself, and actions as text.
#include <chrono>

#include <fmt/format.h>

#include "daemon/core/engine/association/association_state.hpp"

namespace gnomon::engine {

namespace {

struct Words {
  std::string operator()(const Wait& a) const {
    return fmt::format("wait until {:.3f} s", base::to_seconds(a.until.time_since_epoch()).count());
  }
  std::string operator()(const Resolve& a) const { return "resolve " + a.name; }
  std::string operator()(const LoadKept& a) const { return "recall " + base::to_string(a.ke_server); }
  std::string operator()(const Establish& a) const {
    return fmt::format("establish keys with {} at {}", a.name, base::to_string(a.server));
  }
  std::string operator()(const Exchange& a) const {
    return fmt::format("exchange with {}, {} octets", base::to_string(a.to), a.request.size());
  }
  std::string operator()(const Listen& a) const {
    return fmt::format("listen until {:.3f} s", base::to_seconds(a.give_up.time_since_epoch()).count());
  }
  std::string operator()(const Finish&) const { return "finish"; }
};

}  // namespace

std::string to_string(const Action& action) {
  return std::visit(Words{}, action);
}

Activity Association::State::activity() const {
  if (!first_address.is_specified()) return Activity::unresolved;
  if (poll.in_burst()) return online ? Activity::burst_online : Activity::burst_offline;
  return online ? Activity::online : Activity::offline;
}

// A name or keys may take as long as a burst does; who is silent is waited for once only.
std::optional<base::MonoTime> Association::State::awaited_until() const {
  constexpr base::Duration longest = std::chrono::seconds{16};
  if (removed || given_up || (!online && !poll.in_burst()) || (around.one_shot && poll.finished()))
    return std::nullopt;
  if (loop != Loop::none) return std::nullopt;  // however often it answers, nothing comes of it
  switch (doing) {
    case Doing::resolving_source:
    case Doing::resolving_ntp_server:
    case Doing::recalling:
    case Doing::establishing:
      return begun + longest;
    case Doing::exchanging:
    case Doing::nothing:
      break;
  }
  if (!ntp_address.is_specified() || (nts && !nts->ready()) || (silent && reach == 0)) return std::nullopt;
  return doing == Doing::exchanging ? give_up : poll.next() + poll.timeout();
}

AssociationReport Association::report(const base::Now& now) const {
  const State& s = *state_;
  AssociationReport report;
  report.id = s.id;
  report.kind = s.source.kind;
  report.name = s.source.name;
  report.address = address();
  report.port = s.ntp_port;
  report.activity = s.activity();
  report.poll = s.poll.poll();
  report.stratum = s.stratum;
  report.reach = s.reach;
  report.awaited_until = s.awaited_until();
  report.unreachable_too_long = s.reach == 0 && s.misses >= 8 && s.misses - 8 >= s.source.max_unreach;
  report.loop = s.loop;
  report.kiss = s.last_kiss;
  if (s.last_good) report.last_rx = now.mono - *s.last_good;
  if (s.nts) report.auth = s.nts->report(now.mono);
  report.ntp = s.ntp;
  report.select_options = {s.source.no_select, s.source.prefer, s.source.trust, s.source.require};
  return report;
}

}  // namespace gnomon::engine
