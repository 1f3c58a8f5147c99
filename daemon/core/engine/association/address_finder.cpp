// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/address_finder.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace gnomon::engine {

namespace {

using Addresses = std::vector<base::IpAddress>;

constexpr int most_rounds = 3;
constexpr base::Duration wrong_for = std::chrono::hours(1);

bool is_in(const Addresses& addresses, const base::IpAddress& address) {
  return std::ranges::find(addresses, address) != addresses.end();
}

}  // namespace

AddressFinder::AddressFinder(const config::Source& source, const base::IpAddress& known)
    : kind_(source.kind),
      nts_(source.nts),
      own_family_(source.family),
      default_port_(source.port),
      source_name_(source.name),
      source_address_(known),
      ntp_{{}, source.port} {
  const auto literal = base::parse_address(source.name);
  name_is_literal_ = literal.has_value();
  if (literal && !known.is_specified()) source_address_ = *literal;
  if (!source_address_.is_specified()) source_name_.want();
  if (!nts_) ntp_.address = source_address_;
}

// The source's own option counts more than -4 and -6.
base::AddressFamily AddressFinder::family(const EngineContext& context) const {
  return own_family_ != base::AddressFamily::unspecified ? own_family_ : context.family;
}

Resolve AddressFinder::ask(Asked whom, const EngineContext& context) {
  asked_ = whom;
  return {(whom == Asked::source_name ? source_name_ : ntp_server_name_).name(), family(context)};
}

std::optional<Action> AddressFinder::next(base::MonoTime now, const EngineContext& context) {
  asked_ = Asked::none;
  if (!name_is_literal_ && source_name_.is_outdated(now, context.name_refresh)) source_name_.want();
  if (source_name_.due(now)) return ask(Asked::source_name, context);
  if (!source_address_.is_specified()) return Wait{source_name_.allowed_at()};
  if (!ntp_server_name_.wanted()) return std::nullopt;
  if (ntp_server_name_.due(now)) return ask(Asked::ntp_server_name, context);
  if (!ntp_.address.is_specified()) return Wait{ntp_server_name_.allowed_at()};
  return std::nullopt;
}

void AddressFinder::started(base::MonoTime now) {
  if (!source_name_.wanted()) source_name_.set_known(now);
}

AddressUpdate AddressFinder::resolved(const Resolved& event, const EngineContext& context, Turn& turn) {
  const auto asked = std::exchange(asked_, Asked::none);
  if (asked == Asked::none) return {};
  const bool for_source = asked == Asked::source_name;
  NameLookup& lookup = for_source ? source_name_ : ntp_server_name_;
  const auto now = turn.now.mono;
  if (event.addresses.empty()) {
    lookup_failed(lookup, event.failure == NameFailure::all_taken ? "" : words(event.failure), turn);
    return {};
  }
  forget_wrong(now);
  if (!for_source) return {.ntp = ntp_server_resolved(event, context, turn)};
  lookup.succeeded(now, turn.jitter());
  return source_resolved(event.addresses, context.taken, choice_of(turn.entropy));
}

// why: empty, who found that has said so.
void AddressFinder::lookup_failed(NameLookup& lookup, std::string_view why, Turn& turn) const {
  lookup.failed(turn.now.mono, turn.jitter());
  if (why.empty()) return;
  turn.note(note::ResolveFailed{.host = &lookup == &source_name_ ? std::string{} : lookup.name(),
                                .reason = why,
                                .next_try = lookup.allowed_at() - turn.now.mono});
}

AddressUpdate AddressFinder::source_resolved(const Addresses& addresses, const Addresses& taken,
                                             std::size_t choice) {
  const bool avoid = std::exchange(avoid_present_, false);
  known_ = addresses;
  if (is_in(addresses, source_address_) && !avoid) return {};
  const bool had_one = source_address_.is_specified();
  Addresses usable = substitutes(addresses, taken);
  if (usable.empty()) {
    if (had_one) return {};
    usable.push_back(addresses.front());
  }
  // The resolver's order is a preference (RFC 6724); a pool's members and substitutes are taken at random.
  const bool at_random = (avoid && heard_) || kind_ == config::SourceKind::pool;
  const auto chosen = usable.begin() + static_cast<std::ptrdiff_t>(at_random ? choice % usable.size() : 0);
  source_address_ = *chosen;
  AddressUpdate update{.found = !had_one, .replaced = had_one};
  update.unreached = avoid && !is_tried(source_address_);
  if (!nts_) {
    update.ntp = use(source_address_);
    return update;
  }
  usable.erase(chosen);
  ke_others_ = kind_ == config::SourceKind::pool ? Addresses{} : usable;
  return update;
}

// The family that reached the NTS-KE server is known to work.
NtpAddressChange AddressFinder::ntp_server_resolved(const Resolved& event, const EngineContext& context,
                                                    Turn& turn) {
  auto addresses = event.addresses;
  std::string_view refused;
  std::erase_if(addresses, [&](const auto& address) {
    const auto why = engine::why_refused(base::Endpoint{address, ntp_.port}, ke_server(context));
    if (!why.empty()) refused = why;
    return !why.empty();
  });
  if (addresses.empty()) {
    lookup_failed(ntp_server_name_, refused, turn);
    return NtpAddressChange::none;
  }
  ntp_server_name_.succeeded(turn.now.mono, turn.jitter());
  if (is_in(addresses, ntp_.address)) return NtpAddressChange::none;
  const auto same_family = std::ranges::find(addresses, source_address_.family, &base::IpAddress::family);
  return use(same_family != addresses.end() ? *same_family : addresses.front());
}

NtpAddressChange AddressFinder::use(const base::IpAddress& address) {
  if (ntp_.address == address) return NtpAddressChange::none;
  const bool replaced = ntp_.address.is_specified() || (nts_ && source_address_ != address);
  ntp_.address = address;
  heard_ = false;
  return replaced ? NtpAddressChange::replaced : NtpAddressChange::found;
}

NtpAddressChange AddressFinder::use(const base::Endpoint& ntp) {
  ntp_.port = ntp.port;
  return use(ntp.address);
}

// Those that other sources do not use and that were not found wrong, and of these those not yet tried, the
// other family first.
Addresses AddressFinder::substitutes(const Addresses& addresses, const Addresses& taken) const {
  Addresses usable;
  for (const auto& address : addresses)
    if (address != source_address_ && !is_in(taken, address) && !is_wrong(address)) usable.push_back(address);
  if (heard_ || std::ranges::all_of(usable, [this](const auto& a) { return is_tried(a); })) return usable;
  Addresses ordered;
  for (const bool same_family : {false, true})
    for (const auto& a : usable)
      if (!is_tried(a) && (a.family == source_address_.family) == same_family) ordered.push_back(a);
  return ordered;
}

void AddressFinder::lookup_cancelled(base::MonoTime now) {
  const auto asked = std::exchange(asked_, Asked::none);
  if (asked == Asked::source_name) source_name_.allow_at(now);
  if (asked == Asked::ntp_server_name) ntp_server_name_.allow_at(now);
}

void AddressFinder::network_changed(base::MonoTime now) {
  source_name_.forgive(now);
  ntp_server_name_.forgive(now);
  forget_tried();
}

void AddressFinder::refresh(base::MonoTime now) {
  if (name_is_literal_) return;
  source_name_.want();
  source_name_.forgive(now);
}

void AddressFinder::answered() {
  heard_ = true;
  forget_tried();
}

void AddressFinder::forget_tried() {
  tried_.clear();
  unreachable_.clear();
  rounds_ = 0;
}

bool AddressFinder::is_tried(const base::IpAddress& address) const {
  return is_in(tried_, address) || is_in(unreachable_, address);
}

// Whether the name has, as far as is known, another address to be asked in this round.
bool AddressFinder::has_untried() const {
  return std::ranges::any_of(known_, [this](const auto& a) { return a != source_address_ && !is_tried(a); });
}

// What others a member of a pool has is not known before they are asked for.
bool AddressFinder::searches() const {
  if (nts_ || name_is_literal_ || heard_ || rounds_ >= most_rounds) return false;
  return known_.empty() ? kind_ == config::SourceKind::pool : known_.size() > 1;
}

bool AddressFinder::is_pool_member() const {
  return !name_is_literal_ && kind_ == config::SourceKind::pool;
}

void AddressFinder::avoid_present() {
  source_name_.want();
  avoid_present_ = true;
}

// A name may have addresses where nobody answers. Until one does each is asked once, and all of them again a
// few times, since requests get lost; one that nothing can be sent to, of IPv6 mostly, is tried only once.
bool AddressFinder::try_next(bool send_failed, base::MonoTime now) {
  if (!searches()) return false;
  auto& failed = send_failed ? unreachable_ : tried_;
  if (!is_in(failed, source_address_)) failed.push_back(source_address_);
  if (!known_.empty() && !has_untried()) {
    if (++rounds_ >= most_rounds) return false;
    tried_.clear();
    if (!has_untried()) return false;
  }
  avoid_present();
  source_name_.allow_at(now);
  return true;
}

void AddressFinder::look_elsewhere() {
  if (name_is_literal_) return;
  forget_tried();
  rounds_ = most_rounds - 1;
  avoid_present();
}

void AddressFinder::found_wrong(base::MonoTime now) {
  forget_wrong(now);
  if (!is_wrong(source_address_)) wrong_.push_back({source_address_, now});
}

void AddressFinder::forget_wrong(base::MonoTime now) {
  std::erase_if(wrong_, [now](const Wrong& one) { return now - one.since >= wrong_for; });
}

bool AddressFinder::is_wrong(const base::IpAddress& address) const {
  return std::ranges::find(wrong_, address, &Wrong::address) != wrong_.end();
}

bool AddressFinder::ke_unreachable(base::MonoTime now) {
  change_ke_server_ = !ke_others_.empty();
  if (change_ke_server_) return true;
  if (name_is_literal_) return false;
  avoid_present();
  // A pool's other members are asked for at once, but not for the sake of one that was tried before.
  if (kind_ == config::SourceKind::pool && !is_tried(source_address_)) {
    tried_.push_back(source_address_);
    source_name_.allow_at(now);
  }
  return false;
}

const base::IpAddress& AddressFinder::begin_ke() {
  if (std::exchange(change_ke_server_, false) && !ke_others_.empty()) {
    source_address_ = ke_others_.front();
    ke_others_.erase(ke_others_.begin());
  }
  return source_address_;
}

KeServer AddressFinder::ke_server(const EngineContext& context) const {
  return {source_address_, default_port_, context.own.reference_ids};
}

std::string AddressFinder::why_refused(const std::string& ntp_server, std::optional<std::uint16_t> ntp_port,
                                       const EngineContext& context) const {
  const auto literal = base::parse_address(ntp_server);
  const base::Endpoint told{literal.value_or(source_address_), ntp_port.value_or(default_port_)};
  const bool is_name = !ntp_server.empty() && !literal;
  const auto why = literal ? engine::why_refused(told, ke_server(context))
                           : engine::why_refused(told.port, ke_server(context));
  if (why.empty()) return {};
  return fmt::format("its NTP server would be {}: {}",
                     is_name ? fmt::format("{}:{}", ntp_server, told.port) : base::to_string(told), why);
}

NtpAddressChange AddressFinder::ke_succeeded(const std::string& ntp_server,
                                             std::optional<std::uint16_t> ntp_port,
                                             const EngineContext& context) {
  forget_tried();
  ntp_.port = ntp_port.value_or(default_port_);
  const auto literal = base::parse_address(ntp_server);
  const auto wanted = family(context);
  const bool fits = wanted == base::AddressFamily::unspecified || !literal || literal->family == wanted;
  // A literal of the other family is looked up like a name, in vain, and reported as unusable.
  const bool is_name = !ntp_server.empty() && !(literal && fits);
  if (is_name && ntp_server_name_.name() != ntp_server) ntp_.address = {};
  ntp_server_name_ = NameLookup(is_name ? ntp_server : std::string{});
  if (!is_name) return use(literal.value_or(source_address_));
  ntp_server_name_.want();
  return NtpAddressChange::none;
}

}  // namespace gnomon::engine
