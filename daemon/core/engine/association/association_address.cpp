// SPDX-License-Identifier: GPL-2.0-or-later
// An association's way to an address and to keys: name resolution and NTS-KE, with their back-offs.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <string_view>
#include <utility>

#include "daemon/core/engine/association/association_state.hpp"
#include "daemon/core/engine/association/entropy.hpp"
#include "daemon/core/engine/text/ke_messages.hpp"

namespace gnomon::engine {

namespace {

using namespace std::chrono_literals;

// A few quick retries, as at boot the network often comes up just now; then 28 s doubling to about an hour.
constexpr double longest_name_wait = 54;  // s, with the jitter below a minute
base::Duration resolve_wait(int failures, double jitter) {
  constexpr int quick = 3;
  const double seconds = failures <= quick ? std::ldexp(1.0, failures)
                                           : 7.0 * std::ldexp(1.0, std::min(failures - quick + 1, 9));
  return base::to_duration(base::Seconds{seconds * (1.0 + 0.1 * jitter)});
}

void lookup_failed(Lookup& lookup, const base::Now& now, double jitter) {
  ++lookup.failures;
  const auto wait =
      std::min(resolve_wait(lookup.failures, 0), base::to_duration(base::Seconds{longest_name_wait}));
  lookup.allowed_at = now.mono + base::to_duration(base::to_seconds(wait) * (1.0 + 0.1 * jitter));
}

void lookup_done(Lookup& lookup, const base::Now& now, double jitter) {
  lookup.failures = 0;
  lookup.wanted = false;
  lookup.done_at = now.mono;
  // Looking elsewhere again and again is limited, too.
  lookup.allowed_at = now.mono + resolve_wait(4, jitter);
}

bool is_in(const std::vector<base::IpAddress>& addresses, const base::IpAddress& address) {
  return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

constexpr int one_shot_attempts = 4;
constexpr base::Duration one_shot_ke_pause = 1s;
constexpr base::Duration other_address_pause = 100ms;
// So long other sources have to tell the time before a certificate's dates are overlooked.
constexpr base::Duration forgiveness_pause = 8s;

}  // namespace

std::string_view words(NameFailure failure) {
  switch (failure) {
    case NameFailure::no_such_name:
      return "there is no such name, or no address of the wanted family";
    case NameFailure::no_answer:
      return "no name server answers";
    case NameFailure::not_possible:
      return "the system's resolver could not ask";
    case NameFailure::no_resolver:
      return "gnomon-resolve has ended over it";
    case NameFailure::no_reply:
      return "gnomon-resolve does not answer";
  }
  return {};
}

// That its addresses must be of; the source's own option counts more than -4 and -6.
base::AddressFamily Association::State::family() const {
  return source.family != base::AddressFamily::unspecified ? source.family : around.family;
}

std::optional<Action> Association::State::look_up(const base::Now& now) {
  if (!name_is_literal && source_name.done_at && around.name_refresh.count() > 0 &&
      base::to_seconds(now.mono - *source_name.done_at) > around.name_refresh)
    source_name.wanted = true;
  if (source_name.wanted && now.mono >= source_name.allowed_at) {
    doing = Doing::resolving_source;
    return Resolve{source_name.name, family()};
  }
  if (!first_address.is_specified()) return Wait{source_name.allowed_at};
  if (!ntp_server_name.wanted) return std::nullopt;
  if (now.mono >= ntp_server_name.allowed_at) {
    doing = Doing::resolving_ntp_server;
    return Resolve{ntp_server_name.name, family()};
  }
  if (!ntp_address.is_specified()) return Wait{ntp_server_name.allowed_at};
  return std::nullopt;
}

void Association::State::use_ntp_address(const base::IpAddress& address, Step& step) {
  if (ntp_address == address) return;
  const bool changed = ntp_address.is_specified() || (nts && first_address != address);
  ntp_address = address;
  delays.clear();
  filter.clear();
  poll.set_delay(std::nullopt);
  poll.nobody_asked();
  heard = false;
  misses = 0;
  previous.reset();
  if (nts) nts->address_changed();
  if (changed)
    note(step, nts ? NoteKind::source_moved : NoteKind::source_address_changed, 0, base::to_string(address));
}

void Association::State::look_elsewhere() {
  if (nts) nts->demand_ke();
  if (name_is_literal) return;
  forget_tried();
  rounds = most_rounds - 1;
  source_name.wanted = true;
  source_name.avoid_current = true;
}

bool Association::State::is_tried(const base::IpAddress& address) const {
  return is_in(tried_addresses, address) || is_in(unreachable_addresses, address);
}

// Whether the name has, as far as is known, another address to be asked in this round.
bool Association::State::has_untried() const {
  return std::ranges::any_of(known_addresses,
                             [this](const auto& a) { return a != first_address && !is_tried(a); });
}

// None of the name's addresses has answered yet, and there are others than the present one. What others a
// member of a pool has is not known before they are asked for.
bool Association::State::searches() const {
  if (nts || name_is_literal || heard || rounds >= most_rounds) return false;
  return known_addresses.empty() ? source.kind == config::SourceKind::pool : known_addresses.size() > 1;
}

// A name may have addresses where nobody answers. Until one does each is asked once, and all of them anew a
// few times, since questions get lost; one that nothing can be sent to, of IPv6 mostly, is tried only once.
bool Association::State::try_next_address(bool send_failed, const base::Now& now) {
  if (!searches()) return false;
  auto& failed = send_failed ? unreachable_addresses : tried_addresses;
  if (!is_in(failed, first_address)) failed.push_back(first_address);
  if (!known_addresses.empty() && !has_untried()) {
    if (++rounds >= most_rounds) return false;
    tried_addresses.clear();
    if (!has_untried()) return false;
  }
  source_name.wanted = true;
  source_name.avoid_current = true;
  source_name.allowed_at = now.mono;
  return true;
}

void Association::State::forget_tried() {
  tried_addresses.clear();
  unreachable_addresses.clear();
  rounds = 0;
}

// Those that other sources do not use, and of these those not yet tried, the other family first.
std::vector<base::IpAddress> Association::State::substitutes(
    const std::vector<base::IpAddress>& addresses) const {
  std::vector<base::IpAddress> usable;
  for (const auto& address : addresses)
    if (address != first_address && !is_in(around.taken, address)) usable.push_back(address);
  if (heard || std::ranges::all_of(usable, [this](const auto& a) { return is_tried(a); })) return usable;
  std::vector<base::IpAddress> ordered;
  for (const bool same_family : {false, true})
    for (const auto& a : usable)
      if (!is_tried(a) && (a.family == first_address.family) == same_family) ordered.push_back(a);
  return ordered;
}

void Association::State::source_resolved(const std::vector<base::IpAddress>& addresses, std::size_t pick,
                                         const base::Now& now, Step& step) {
  const bool avoid = std::exchange(source_name.avoid_current, false);
  known_addresses = addresses;
  if (is_in(addresses, first_address) && !avoid) return;
  std::vector<base::IpAddress> usable = substitutes(addresses);
  if (usable.empty()) {
    if (first_address.is_specified()) return;
    usable.push_back(addresses.front());
  }
  // The resolver's order is a preference (RFC 6724); a pool's members and substitutes are taken at random.
  const bool at_random = (avoid && heard) || source.kind == config::SourceKind::pool;
  const bool had_one = first_address.is_specified();
  const auto chosen = usable.begin() + static_cast<std::ptrdiff_t>(at_random ? pick % usable.size() : 0);
  first_address = *chosen;
  if (nts) {
    usable.erase(chosen);
    other_addresses = source.kind == config::SourceKind::pool ? std::vector<base::IpAddress>{} : usable;
    if (had_one) nts->demand_ke();
    if (avoid && !is_tried(first_address)) nts->allow_ke_at(now.mono + other_address_pause);
    return;
  }
  use_ntp_address(first_address, step);
}

// One address after the other is asked, but nobody waits for the source longer than for one that has only
// one.
void Association::State::begin_at_address(const base::Now& now, bool another) {
  const auto since = begun;
  const bool was_silent = silent;
  begin(now);
  if (!another) return;
  begun = since;
  silent = was_silent;
}

void Association::State::resolved(const Resolved& event, const base::Now& now, const StepEntropy& entropy,
                                  Step& step) {
  const bool for_source = doing == Doing::resolving_source;
  if (!for_source && doing != Doing::resolving_ntp_server) return;
  Lookup& lookup = for_source ? source_name : ntp_server_name;
  const double jitter = jitter_of(entropy);
  if (event.addresses.empty()) {
    lookup_failed(lookup, now, jitter);
    note(step, NoteKind::resolve_failed, base::to_seconds(lookup.allowed_at - now.mono).count(),
         for_source ? std::string{} : lookup.name);
    step.notes.back().reason = words(event.failure);
    return;
  }
  lookup_done(lookup, now, jitter);
  if (for_source) {
    const auto before = first_address;
    source_resolved(event.addresses, entropy[entropy.size() - 1], now, step);
    if (!before.is_specified() || (!nts && first_address != before))
      begin_at_address(now, before.is_specified());
    return;
  }
  // The family that reached the NTS-KE server is known to work.
  const auto same_family =
      std::find_if(event.addresses.begin(), event.addresses.end(),
                   [this](const base::IpAddress& a) { return a.family == first_address.family; });
  if (is_in(event.addresses, ntp_address)) return;
  use_ntp_address(same_family != event.addresses.end() ? *same_family : event.addresses.front(), step);
}

std::optional<Action> Association::State::establish(const base::Now& now, const StepEntropy& entropy,
                                                    Step& step) {
  if (!nts || !nts->wants_ke(now.mono, around.nts_refresh)) return std::nullopt;
  if (now.mono >= nts->ke_allowed_at()) {
    doing = Doing::establishing;
    nts->ke_started(now.mono);
    if (std::exchange(change_address, false) && !other_addresses.empty()) {
      first_address = other_addresses.front();
      other_addresses.erase(other_addresses.begin());
    }
    // Of "fe80::1%eth0" a certificate knows the address alone.
    std::string name = source.name.substr(0, source.name.find('%'));
    if (name.size() > 1 && name.ends_with('.')) name.pop_back();
    return Establish{std::move(name), {first_address, source.nts_port}, source.cert_set,      around.aeads,
                     date_check(),    around.dates.correction,          around.dates.earliest};
  }
  if (nts->ready()) return std::nullopt;  // go on with what we have meanwhile
  if (poll.next() <= now.mono) {
    // A poll that cannot be made is a poll without an answer.
    poll.started(now.mono);
    poll.nobody_asked();
    missed(now, wander_of(entropy), step);
    if (around.one_shot && poll.finished()) return Finish{};
  }
  return Wait{std::min(nts->ke_allowed_at(), poll.next())};
}

void Association::State::established(const protocol::NtsSession& session, const base::Now& now,
                                     const StepEntropy& entropy, Step& step) {
  if (doing != Doing::establishing || !nts) return;
  // The first minute with a wrong clock is not to become an hour. And what was measured under keys of
  // doubtful standing was measured for the date alone: all is asked anew.
  if (nts->provisional() || nts->forgives_dates()) begin(now);
  nts->ke_succeeded(session, now.mono, jitter_of(entropy));
  keys_from = first_address;
  forget_tried();
  note(step, NoteKind::ke_succeeded, static_cast<double>(session.keys.aead));
  if (nts->provisional()) note(step, NoteKind::ke_provisional);
  ntp_port = session.ntp_port.value_or(source.port);
  if (poll.next() < now.mono) poll.due_at(now.mono);
  const auto literal = base::parse_address(session.ntp_server);
  const bool fits = family() == base::AddressFamily::unspecified || !literal || literal->family == family();
  // One of the other family is looked up like a name, in vain, and said to be of no use.
  if (session.ntp_server.empty() || (literal && fits)) {
    ntp_server_name = {};
    use_ntp_address(literal.value_or(first_address), step);
    return;
  }
  if (ntp_server_name.name != session.ntp_server) ntp_address = {};
  ntp_server_name = {};
  ntp_server_name.name = session.ntp_server;
  ntp_server_name.wanted = true;
}

// Nobody was reached: the name's other addresses are asked first (a network may have IPv6 addresses and no
// way there), and who runs once does not wait for a quarter of a minute.
base::Duration Association::State::hasten_next_ke(base::Duration wait, const base::Now& now) {
  change_address = !other_addresses.empty();
  if (!nts || (!change_address && !around.one_shot)) return wait;
  wait = change_address ? other_address_pause : one_shot_ke_pause;
  nts->allow_ke_at(now.mono + wait);
  return wait;
}

protocol::DateCheck Association::State::date_check() const {
  using protocol::DateCheck;
  if (around.ignore_certificate_dates) return DateCheck::ignore;
  return nts->forgives_dates() ? DateCheck::forgive_early : DateCheck::strict;
}

// Keys that can be had no other way say what time it may be; they count once the certificate holds at it.
// Never those of an expired one: they would move time back, to where whoever has its key wants it.
bool Association::State::forgives(const protocol::KeFailure& failure, Step& step, const base::Now& now) {
  using protocol::KeFailureReason;
  const auto& dates = around.dates;
  const bool forgivable =
      (failure.reason == KeFailureReason::certificate_not_yet_valid && dates.forgive_early) ||
      // An authority that is not valid now is none: it may be one at the right time.
      (failure.reason == KeFailureReason::certificate_untrusted && dates.forgive_early);
  if (!forgivable || nts->forgives_dates()) return false;
  const auto pause = around.one_shot ? one_shot_ke_pause : forgiveness_pause;
  nts->forgive_dates(failure, now.mono + pause);
  std::string fault{protocol::to_text(failure.reason)};
  if (!failure.detail.empty()) fault += " (" + failure.detail + ")";
  note(step, NoteKind::dates_forgiven, base::to_seconds(pause).count(), std::move(fault));
  step.notes.back().reason = protocol::to_text(failure.reason);
  return true;
}

void Association::State::establish_failed(const protocol::KeFailure& failure, const base::Now& now,
                                          const StepEntropy& entropy, Step& step) {
  if (doing != Doing::establishing || !nts || forgives(failure, step, now)) return;
  base::Duration wait = nts->ke_failed(failure, now, jitter_of(entropy));
  if (!failure.reached_tls()) wait = hasten_next_ke(wait, now);
  note(step, NoteKind::ke_failed, base::to_seconds(wait).count(), describe(failure, source));
  step.notes.back().stage = stage_of(failure.reason);
  step.notes.back().reason = protocol::to_text(failure.reason);
  if (!failure.reached_tls() && !name_is_literal && !change_address) {
    source_name.wanted = true;
    source_name.avoid_current = true;
    // A pool's other members are asked for at once, but not for the sake of one that was tried before.
    if (source.kind == config::SourceKind::pool && !is_tried(first_address)) {
      tried_addresses.push_back(first_address);
      source_name.allowed_at = now.mono;
    }
  }
  given_up = around.one_shot && (failure.reached_tls() || nts->attempts() >= one_shot_attempts);
}

}  // namespace gnomon::engine
