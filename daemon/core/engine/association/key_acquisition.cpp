// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/key_acquisition.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "daemon/core/engine/text/ke_messages.hpp"
#include "daemon/core/engine/values/possible_server.hpp"

namespace gnomon::engine {

namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t one_shot_attempts = 4;
constexpr base::Duration one_shot_pause = 1s;
constexpr base::Duration other_address_pause = 100ms;
// So long other sources have to tell the time before a certificate's dates are overlooked.
constexpr base::Duration forgiveness_pause = 8s;

// Of "fe80::1%eth0" a certificate knows the address alone, and no name in one ends in a dot.
std::string name_in_certificate(std::string_view source_name) {
  std::string name{source_name.substr(0, source_name.find('%'))};
  if (name.size() > 1 && name.ends_with('.')) name.pop_back();
  return name;
}

// Keys that can be had no other way say what time it may be; they count once the certificate holds at it.
// Never those of an expired one: they would move time back, to where whoever has its key wants it.
bool is_forgivable(const protocol::KeFailure& failure, const CertificateDates& dates) {
  using protocol::KeFailureReason;
  // An authority that is not valid now is none: it may be one at the right time.
  return dates.forgive_early && (failure.reason == KeFailureReason::certificate_not_yet_valid ||
                                 failure.reason == KeFailureReason::certificate_untrusted);
}

}  // namespace

std::optional<LoadKept> KeyAcquisition::load(const base::IpAddress& ke_server, const EngineContext& context) {
  if (!context.remembers || client_.ready() || !ke_server.is_specified()) return std::nullopt;
  if (std::exchange(loaded_for_, ke_server) == ke_server) return std::nullopt;
  return LoadKept{ke_server};
}

std::optional<LoadedKeys> KeyAcquisition::loaded(const Kept& kept, const config::Source& source,
                                                 const EngineContext& context, Turn& turn) {
  if (kept.back_off && kept.back_off->name == source.name) client_.restore(*kept.back_off, turn.now);
  if (!kept.cookies || !take_over(*kept.cookies, source, context, turn)) return std::nullopt;
  keys_from_ = loaded_for_;
  return LoadedKeys{kept.cookies->ntp, kept.cookies->cookies.size(),
                    base::to_seconds(turn.now.real - kept.cookies->established)};
}

bool KeyAcquisition::take_over(const protocol::CookieFile& file, const config::Source& source,
                               const EngineContext& context, Turn& turn) {
  const auto number = static_cast<std::uint16_t>(file.keys.aead);
  const auto why = why_refused(file.ntp, {loaded_for_, source.port, context.own.reference_ids});
  const auto reject = [&turn](std::string reason) {
    turn.note(note::CookiesRejected{std::move(reason)});
    return false;
  };
  if (file.name != source.name) return reject("they belong to a source named " + file.name);
  if (!why.empty()) return reject(fmt::format("they are for {}, and {}", base::to_string(file.ntp), why));
  if (std::ranges::find(context.aeads, number) == context.aeads.end())
    return reject("their AEAD " + std::to_string(number) + " is not among those of ntsaeads");
  if (!client_.restore(file, turn.now)) return reject("their keys do not fit their AEAD");
  return true;
}

void note_loaded(const LoadedKeys& loaded, base::Seconds refresh, Turn& turn) {
  turn.note(note::CookiesRecalled{loaded.cookies, std::max(loaded.age, base::Seconds{0})});
  // Too old by our clock, which need not be right; the server knows better whether they are good. New ones
  // are asked for first.
  if (refresh.count() > 0 && loaded.age > refresh) turn.note(note::CookiesOutdated{loaded.age});
}

std::optional<NtsMemory> KeyAcquisition::memory(const base::IpAddress& ke_server, const base::Endpoint& ntp,
                                                const std::string& source_name, const base::Now& now,
                                                bool leaving) {
  const auto& server = keys_from_.is_specified() ? keys_from_ : ke_server;
  if (!server.is_specified()) return std::nullopt;
  // Cookies of an NTP server whose name is not resolved yet are not good for anything.
  if (client_.ready() && !ntp.address.is_specified()) return std::nullopt;
  NtsMemory memory;
  memory.ke_server = server;
  memory.cookies = client_.keep(now, leaving);
  memory.back_off = client_.back_off();
  if (memory.back_off) memory.back_off->name = source_name;
  if (!memory.cookies) return memory;
  memory.cookies->name = source_name;
  memory.cookies->ntp = ntp;
  return memory;
}

protocol::DateCheck KeyAcquisition::date_check(const EngineContext& context) const {
  using protocol::DateCheck;
  if (context.ignore_certificate_dates) return DateCheck::ignore;
  return client_.forgives_dates() ? DateCheck::forgive_early : DateCheck::strict;
}

Establish KeyAcquisition::start(const base::IpAddress& ke_server, const config::Source& source,
                                const EngineContext& context, base::MonoTime now) {
  client_.ke_started(now);
  ke_server_ = ke_server;
  return {.name = name_in_certificate(source.name),
          .server = {ke_server, source.nts_port},
          .cert_set = source.cert_set,
          .aeads = context.aeads,
          .date_check = date_check(context),
          .clock_correction = context.dates.correction,
          .earliest = context.dates.earliest};
}

void KeyAcquisition::succeeded(const protocol::NtsSession& session, Turn& turn) {
  client_.ke_succeeded(session, turn.now.mono, turn.jitter());
  keys_from_ = ke_server_;
  turn.note(note::KeSucceeded{static_cast<std::uint16_t>(session.keys.aead)});
  if (client_.provisional()) turn.note(note::KeProvisional{});
}

bool KeyAcquisition::forgives(const protocol::KeFailure& failure, const EngineContext& context, Turn& turn) {
  if (!is_forgivable(failure, context.dates) || client_.forgives_dates()) return false;
  const auto pause = context.one_shot ? one_shot_pause : forgiveness_pause;
  client_.forgive_dates(failure, turn.now.mono + pause);
  std::string fault{protocol::to_text(failure.reason)};
  if (!failure.detail.empty()) fault += " (" + failure.detail + ")";
  turn.note(note::DatesForgiven{std::move(fault), protocol::to_text(failure.reason), pause});
  return true;
}

void KeyAcquisition::failed(const protocol::KeFailure& failure, const config::Source& source, bool elsewhere,
                            bool one_shot, Turn& turn) {
  base::Duration wait = client_.ke_failed(failure, turn.now, turn.jitter());
  // Nobody was reached: the name's other addresses are asked first (a network may have IPv6 addresses and no
  // way there), and who runs once does not wait for a quarter of a minute.
  if (!failure.reached_tls() && (elsewhere || one_shot)) {
    wait = elsewhere ? other_address_pause : one_shot_pause;
    client_.allow_ke_at(turn.now.mono + wait);
  }
  turn.note(note::KeFailed{.text = describe(failure, source),
                           .stage = stage_of(failure.reason),
                           .reason = protocol::to_text(failure.reason),
                           .next_try = wait});
}

void KeyAcquisition::server_replaced(bool unreached, base::MonoTime now) {
  client_.demand_ke();
  if (unreached) client_.allow_ke_at(now + other_address_pause);
}

bool KeyAcquisition::is_hopeless(const protocol::KeFailure& failure) const {
  return failure.reached_tls() || client_.attempts() >= one_shot_attempts;
}

}  // namespace gnomon::engine
