// SPDX-License-Identifier: GPL-2.0-or-later
// What an association keeps over a restart, and how it goes on with that.
#include <algorithm>
#include <cmath>
#include <utility>

#include "daemon/core/engine/association/association_state.hpp"

namespace gnomon::engine {

// Once for each address of an NTS-KE server.
std::optional<Action> Association::State::load_kept() {
  if (!nts || !around.remembers || nts->ready() || !first_address.is_specified()) return std::nullopt;
  if (std::exchange(recalled_for, first_address) == first_address) return std::nullopt;
  doing = Doing::recalling;
  return LoadKept{first_address};
}

void Association::State::kept(const Kept& event, const base::Now& now, Step& step) {
  if (doing != Doing::recalling || !nts) return;
  if (event.back_off && event.back_off->name == source.name) nts->restore(*event.back_off, now);
  if (event.cookies) use_cookies(*event.cookies, now, step);
}

void Association::State::use_cookies(const protocol::CookieFile& file, const base::Now& now, Step& step) {
  const auto number = static_cast<std::uint16_t>(file.keys.aead);
  const bool offered = std::ranges::find(around.aeads, number) != around.aeads.end();
  if (file.name != source.name)
    return note(step, NoteKind::cookies_rejected, 0, "they are of a source named " + file.name);
  if (!offered)
    return note(step, NoteKind::cookies_rejected, 0,
                "their AEAD " + std::to_string(number) + " is not among those of ntsaeads");
  const double age = base::to_seconds(now.real - file.established).count();
  if (!nts->restore(file, now))
    return note(step, NoteKind::cookies_rejected, 0, "their keys do not fit their AEAD");
  keys_from = first_address;
  ntp_port = file.ntp.port;
  use_ntp_address(file.ntp.address, step);
  step.notes.push_back(
      {NoteKind::cookies_recalled, id, static_cast<double>(file.cookies.size()), {}, std::max(age, 0.0)});
  // Too old by our clock, which need not be right; the server knows better whether they are good. New ones
  // are asked for first.
  if (around.nts_refresh.count() > 0 && age > around.nts_refresh.count())
    note(step, NoteKind::cookies_outdated, age);
}

std::optional<NtsMemory> Association::State::memory(const base::Now& now, bool leaving) {
  const auto& server = keys_from.is_specified() ? keys_from : first_address;
  if (!nts || !server.is_specified()) return std::nullopt;
  // Cookies of an NTP server whose name is not resolved yet are not good for anything.
  if (nts->ready() && !ntp_address.is_specified()) return std::nullopt;
  NtsMemory memory;
  memory.ke_server = server;
  memory.cookies = nts->keep(now, leaving);
  memory.back_off = nts->back_off();
  if (memory.back_off) memory.back_off->name = source.name;
  if (!memory.cookies) return memory;
  memory.cookies->name = source.name;
  memory.cookies->ntp = {ntp_address, ntp_port};
  return memory;
}

bool Association::depends_on_cert_dates() const {
  return state_->nts && state_->nts->depends_on_cert_dates();
}

std::optional<NtsMemory> Association::memory(const base::Now& now, bool leaving) {
  if (!state_->around.remembers) return std::nullopt;
  return state_->memory(now, leaving);
}

}  // namespace gnomon::engine
