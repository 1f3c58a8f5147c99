// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/probe/serve.hpp"

#include <array>
#include <optional>
#include <utility>

#include "base/os/channel.hpp"
#include "base/secret.hpp"
#include "ipc/codec.hpp"

namespace gnomon::probe {
namespace {

// nullopt: a message that it does not know. Empty: none is to be sent.
std::optional<base::Buffer> answer_to(const ipc::Frame& frame, Exchanger& exchanger) {
  const auto id = frame.request_id;
  if (auto keys = ipc::decode<ipc::ProbeKeys>(frame)) {
    exchanger.use(std::move(keys->session));
    return base::Buffer{};
  }
  if (const auto wanted = ipc::decode<ipc::ProbeExchange>(frame))
    return ipc::encode(exchanger.exchange(*wanted), id);
  if (const auto wanted = ipc::decode<ipc::ProbeBurst>(frame))
    return ipc::encode(exchanger.burst(*wanted), id);
  return std::nullopt;
}

}  // namespace

int serve(int channel, Exchanger& exchanger) {
  std::array<std::uint8_t, ipc::max_frame_size> space;
  for (;;) {
    const auto received = base::receive_datagram(channel, space);
    if (!received || received->descriptor) return 1;
    if (received->size == 0) return 0;
    const auto frame = ipc::parse_frame(base::Bytes{space}.first(received->size));
    if (!frame || !ipc::is_legal(frame->type, ipc::Link::probe, ipc::Sender::core)) return 1;
    const auto answer = answer_to(*frame, exchanger);
    base::wipe(space);
    if (!answer) return 1;
    if (!answer->empty() && !base::send_datagram(channel, *answer)) return 1;
  }
}

}  // namespace gnomon::probe
