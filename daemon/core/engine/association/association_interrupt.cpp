// SPDX-License-Identifier: GPL-2.0-or-later
// What reaches an association from outside, at any time: orders, a stepped clock, a changed network.
#include <algorithm>
#include <chrono>

#include "daemon/core/engine/association/association_state.hpp"
#include "daemon/core/engine/association/entropy.hpp"

namespace gnomon::engine {

namespace {

// Many sources, and many machines on one network, must not all send in the same instant.
base::Duration soon(const StepEntropy& entropy) {
  return base::to_duration(base::Seconds{jitter_of(entropy)});
}

void allow(Lookup& lookup, const base::Now& now) {
  lookup.failures = 0;
  lookup.allowed_at = std::min(lookup.allowed_at, now.mono);
}

}  // namespace

// The action under way was cancelled by the prod: it is to be begun again, and proves nothing of the source.
void Association::State::cancel(const base::Now& now) {
  if (doing == Doing::establishing && nts) nts->ke_cancelled(now.mono);
  if (doing == Doing::resolving_source) source_name.allowed_at = now.mono;
  if (doing == Doing::recalling) recalled_for = {};
  if (doing == Doing::resolving_ntp_server) ntp_server_name.allowed_at = now.mono;
  if (doing == Doing::exchanging) poll.due_soon(now.mono);
  doing = Doing::nothing;
}

void Association::State::network_changed(const base::Now& now, const StepEntropy& entropy, Step& step) {
  allow(source_name, now);
  allow(ntp_server_name, now);
  previous.reset();  // a server need not learn that we were elsewhere before
  if (nts) nts->network_changed(now.mono);
  if (offline_by_itself) {
    online = true;
    offline_by_itself = false;
    note(step, NoteKind::source_online);
  }
  forget_tried();
  // Who is not reached is tried anew at once, a burst under way goes on; who answers is asked a little
  // sooner.
  if (reach != 0) return poll.hasten(now.mono + soon(entropy));
  if (!poll.in_burst()) begin(now);
  poll.due_soon(now.mono + soon(entropy));
}

void Association::State::interrupt(const Interrupt& event, const base::Now& now, const StepEntropy& entropy,
                                   Step& step) {
  cancel(now);
  switch (event.kind) {
    case InterruptKind::go_online:
      if (online) break;
      online = true;
      offline_by_itself = false;
      note(step, NoteKind::source_online);
      allow(source_name, now);
      begin(now);
      break;
    case InterruptKind::go_offline:
      offline_by_itself = false;  // ordered: it stays so when the network changes
      if (!online) break;
      online = false;
      previous.reset();
      poll.end_burst();
      note(step, NoteKind::source_offline);
      break;
    case InterruptKind::burst:
      poll.begin_burst(now.mono, event.good, event.total);
      break;
    case InterruptKind::clock_stepped:
      filter.clear();
      previous.reset();  // its timestamps are of the former clock
      // What was measured before is known on the new scale: nothing is asked for sooner. A correction that
      // steps at every measurement would else make a flood of questions.
      if (nts) nts->clock_stepped(now.mono);
      break;
    case InterruptKind::network_changed:
      network_changed(now, entropy, step);
      break;
    case InterruptKind::advised:
      break;
    case InterruptKind::refresh:  // an address that the name no longer has is replaced
      if (name_is_literal) break;
      source_name.wanted = true;
      allow(source_name, now);
      break;
    case InterruptKind::time_known:
      if (nts) nts->check_dates(now.mono);
      break;
    case InterruptKind::remove:
      removed = true;
      break;
  }
}

}  // namespace gnomon::engine
