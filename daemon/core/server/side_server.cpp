// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/server/side_server.hpp"

#include "base/os/random.hpp"
#include "base/secret.hpp"

namespace gnomon::core {

std::size_t SideServer::answer(base::Bytes request, const base::IpAddress& client, base::RealTime received,
                               base::MutableBytes out) {
  if (!snapshot_) return 0;
  const auto now = settings_.clock.now();
  engine::AnswerEntropy entropy{};
  base::fill_random(entropy);
  const auto answer = engine::respond(
      *snapshot_, settings_.memory,
      {.datagram = request, .client = client, .received = received, .transmit = now.real, .mono = now.mono},
      entropy, out);
  base::wipe(entropy);
  ++counters_.hits;
  if (!engine::is_answer(answer.outcome)) ++counters_.drops;
  if (answer.outcome == engine::Outcome::authenticated) ++counters_.authenticated;
  if (answer.interleaved) ++counters_.interleaved;
  // Samba's clients do not ask from such a port.
  if (answer.outcome == engine::Outcome::to_be_signed) return 0;
  if (answer.size == 0) return 0;
  if (settings_.own_requests != nullptr && !settings_.own_requests->may_answer(request, out)) return 0;
  ++counters_.daemon_tx;
  return answer.size;
}

}  // namespace gnomon::core
