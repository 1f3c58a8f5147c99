// SPDX-License-Identifier: GPL-2.0-or-later
// Any packets that come from a peer's address. One counts only if it has a timestamp of our last packet, and
// only the first of them; what we send tells no timestamp twice.
#include <algorithm>
#include <chrono>
#include <cmath>

#include "daemon/core/engine/association/symmetric_exchange.hpp"
#include "daemon/core/engine/values/packet_tests.hpp"
#include "tests/fuzz/require.hpp"

using namespace gnomon;
using namespace gnomon::engine;

namespace {

constexpr std::size_t packet_size = 52;  // a crypto-NAK fits
constexpr std::uint8_t send_first = 1, with_transmit = 2, with_receive = 4, interleaved = 8;

class Peer {
 public:
  void send(bool interleaves) {
    now_ += std::chrono::seconds{16};
    StepEntropy entropy{};
    for (auto& octet : entropy) octet = static_cast<std::uint8_t>(random_ = random_ * 5 + 3);
    const auto packet = exchange_.next_packet(
        {.clock = {.header = {.stratum = 2}}, .poll = {4}, .interleaved = interleaves}, now_, entropy);
    const auto before = std::exchange(sent_, *protocol::parse_header(packet));
    require(!sent_.transmit.is_zero() && sent_.transmit != sent_.origin && sent_.transmit != before.transmit);
    require(sent_.receive.is_zero() || (sent_.receive != sent_.origin && sent_.receive != sent_.transmit));
    answered_ = false;
    interleaves_ = interleaves;
  }

  void receive(std::uint8_t how, base::Bytes octets) {
    base::Buffer packet(octets.begin(), octets.end());
    const auto origin = (how & with_transmit) != 0 ? sent_.transmit : sent_.receive;
    if ((how & (with_transmit | with_receive)) != 0 && packet.size() >= protocol::header_size)
      base::ByteWriter{base::MutableBytes{packet}.subspan(24, 8)}.write(origin.value);
    const auto reception = exchange_.receive({.datagram = packet,
                                              .from = {{}, 123},
                                              .local = {},
                                              .sent = {now_},
                                              .received = {now_ + std::chrono::seconds{1}}},
                                             {4});
    if (!reception.exchanged) return;
    const auto header = *protocol::parse_header(packet);
    require(!answered_ && header.version >= 1 && header.version <= 4);
    require(header.origin == sent_.transmit || (interleaves_ && header.origin == sent_.receive));
    answered_ = true;
    const auto measured = measure(*reception.exchanged, {}, {}, {}, {});
    require(std::isfinite(measured.sample.offset.count()) && measured.sample.delay.count() > 0);
    exchange_.measured(measured.tests == packet_test::all);
  }

 private:
  SymmetricExchange exchange_;
  protocol::Header sent_;
  base::RealTime now_{std::chrono::seconds{1'800'000'000}};
  std::uint32_t random_ = 1;
  bool answered_ = false;
  bool interleaves_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Peer peer;
  for (base::Bytes rest{data, size}; !rest.empty();) {
    const std::uint8_t how = rest.front();
    rest = rest.subspan(1);
    if ((how & send_first) != 0) peer.send((how & interleaved) != 0);
    const auto packet = rest.first(std::min(rest.size(), packet_size));
    peer.receive(how, packet.size() == packet_size && (how & 16U) == 0 ? packet.first(48) : packet);
    rest = rest.subspan(packet.size());
  }
  return 0;
}
