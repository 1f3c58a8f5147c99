// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/probe/sizes.hpp"

namespace gnomon::ctl::probe {
namespace {

// A server that limits rates lets one request through every 8 s or so (chrony's ratelimit, interval 3).
constexpr std::chrono::seconds recovery{5};
constexpr unsigned recovery_attempts = 3;

Size size_of(const ipc::ProbeAnswer& answer) {
  return {.sent = answer.sent_size,
          .received = answer.received_size,
          .cookies = answer.cookies,
          .outcome = answer.outcome};
}

bool is_lost(const ipc::ProbeAnswer& answer) {
  return answer.outcome == ipc::ProbeOutcome::silent || answer.outcome == ipc::ProbeOutcome::kiss;
}

bool recovers(Asker& asker) {
  asker.begin("waiting for a server that fell silent");
  for (unsigned i = 0; i < recovery_attempts && asker.goes_on(); ++i) {
    asker.pause(recovery);
    if (!asker.answers_again()) continue;
    asker.recovered();
    return true;
  }
  return false;
}

}  // namespace

std::vector<Size> try_sizes(Asker& asker, std::span<const ipc::ProbeExchange> requests, bool patient) {
  std::vector<Size> sizes;
  for (std::size_t i = 0; i < requests.size() && asker.goes_on(); ++i) {
    auto answer = asker.ask(requests[i], 2);
    if (answer.outcome == ipc::ProbeOutcome::nak) answer = asker.ask(requests[i], 1);  // with other keys
    if (answer.outcome == ipc::ProbeOutcome::impossible) break;
    if (!is_lost(answer)) {
      sizes.push_back(size_of(answer));
      continue;
    }
    if (asker.still_answers()) {
      sizes.push_back(size_of(answer));
      continue;
    }
    if (asker.exchanges().answered == 0 && !patient) {
      sizes.push_back(size_of(answer));
      break;
    }
    // Not this size alone: the largest is tried after a pause, and says the most.
    asker.fell_silent();
    if (!recovers(asker)) break;
    asker.pause(recovery);
    answer = asker.ask(requests.back(), 1);
    if (!is_lost(answer)) sizes.push_back(size_of(answer));
    break;
  }
  return sizes;
}

}  // namespace gnomon::ctl::probe
