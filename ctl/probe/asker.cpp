// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/probe/asker.hpp"

#include <algorithm>

namespace gnomon::ctl::probe {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds spacing{150};
constexpr milliseconds longest_wait{1500};
constexpr milliseconds shortest_wait{500};

// No longer than answers take here.
base::Duration wait_for_answer(const Exchanges& exchanges) {
  if (exchanges.samples.empty()) return longest_wait;
  const auto slowest = std::ranges::max_element(exchanges.samples, {}, &Sample::delay)->delay;
  const base::Duration wait = 3 * base::to_duration(slowest) + milliseconds{200};
  return std::clamp<base::Duration>(wait, shortest_wait, longest_wait);
}

Sample sample_of(const ipc::ProbeAnswer& answer) {
  const auto sent = base::to_ntp(answer.sent);
  const auto received = base::to_ntp(answer.received);
  const auto& header = *answer.header;
  const auto there = (header.receive - sent).seconds();
  const auto back = (header.transmit - received).seconds();
  return {.offset = (there + back) / 2, .delay = there - back};
}

}  // namespace

ipc::ProbeAnswer Asker::ask(ipc::ProbeExchange wanted, unsigned tries) {
  ipc::ProbeAnswer answer{.outcome = ipc::ProbeOutcome::silent};
  wanted.server = exchanges_.server;
  for (unsigned i = 0; i < tries && goes_on(); ++i) {
    if (exchanges_.sent > 0) context_.pause(spacing);
    wanted.wait = wait_for_answer(exchanges_);
    const auto got = context_.exchange(wanted);
    if (!got) break;
    answer = *got;
    note(answer, wanted);
    if (answer.outcome != ipc::ProbeOutcome::silent) break;
  }
  return answer;
}

bool Asker::still_answers() {
  // Twice: who limits rates lets one of four through, as chrony does.
  for (int i = 0; i < 2; ++i)
    if (ask(usual_, 1).outcome != ipc::ProbeOutcome::answered) return false;
  return true;
}

void Asker::note(const ipc::ProbeAnswer& answer, const ipc::ProbeExchange& wanted) {
  using ipc::ProbeOutcome;
  exchanges_.malformed += answer.malformed;
  exchanges_.of_others += answer.of_others;
  exchanges_.unauthentic += answer.unauthentic;
  if (answer.outcome == ProbeOutcome::impossible) return;
  ++exchanges_.sent;
  if (answer.outcome == ProbeOutcome::kiss && answer.header) exchanges_.kiss = answer.header->reference_id;
  if (exchanges_.answered == 0 && answer.outcome != ProbeOutcome::answered) {
    exchanges_.first = answer.outcome;
    exchanges_.error = answer.error;
  }
  if (answer.outcome != ProbeOutcome::answered || !answer.header) return;
  ++exchanges_.answered;
  if (answer.interleaved || wanted.version != 4) return;
  exchanges_.header = answer.header;
  exchanges_.samples.push_back(sample_of(answer));
}

}  // namespace gnomon::ctl::probe
