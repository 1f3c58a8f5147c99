// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/faults/relay/message.hpp"

#include "base/os/channel.hpp"

namespace gnomon::faults {

std::optional<Message> take(int channel) {
  constexpr std::size_t plenty = 65536;
  Message message{.octets = std::vector<std::uint8_t>(plenty), .descriptor = {}};
  auto received = base::receive_datagram(channel, message.octets);
  if (!received || received->size == 0) return std::nullopt;
  message.octets.resize(received->size);
  message.descriptor = std::move(received->descriptor);
  return message;
}

bool put(int channel, const Message& message) {
  const int descriptor = message.descriptor ? message.descriptor.get() : -1;
  return base::send_datagram(channel, message.octets, descriptor).has_value();
}

}  // namespace gnomon::faults
