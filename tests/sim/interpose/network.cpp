// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/interpose/network.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace gnomon::interpose {

namespace {

constexpr std::size_t header_size = 48;
constexpr std::uint16_t ntp_port = 123;
constexpr std::uint32_t first_address = 0xc0000201;  // 192.0.2.1
// Offsets in the NTP header, RFC 5905 section 7.3.
constexpr std::size_t reference_at = 16;
constexpr std::size_t origin_at = 24;
constexpr std::size_t receive_at = 32;
constexpr std::size_t transmit_at = 40;
constexpr std::uint64_t second_in_ntp = std::uint64_t{1} << 32;

std::uint64_t get(std::span<const std::uint8_t> octets, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8 | octets[at + i];
  return value;
}

void put(Octets& octets, std::size_t at, std::uint64_t value) {
  for (std::size_t i = 0; i < 8; ++i) octets[at + i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
}

}  // namespace

std::uint64_t NtpServer::ntp_time(double t) const {
  const std::int64_t ns = true_time_.utc_ns(t) + std::llround(model_.offset * 1e9);
  const auto seconds = static_cast<std::uint64_t>(ns / 1'000'000'000 + 2'208'988'800);
  const auto rest = static_cast<std::uint64_t>(ns % 1'000'000'000);
  return seconds << 32 | (rest << 32) / 1'000'000'000;
}

// Announced for the last half day, as servers with a leap second file do.
int NtpServer::leap_indicator(double t) const {
  return true_time_.leap > 0 && t < true_time_.leap && t > true_time_.leap - 43200 ? 1 : 0;
}

Octets NtpServer::answer(double t, std::span<const std::uint8_t> request) {
  constexpr std::array<std::uint8_t, 16> fixed{0x24, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 'G', 'P', 'S', 0};
  Octets octets(header_size);
  std::copy(fixed.begin(), fixed.end(), octets.begin());
  octets[0] = static_cast<std::uint8_t>((request[0] & 0x38) | 4 | leap_indicator(t) << 6);
  octets[2] = request[2];
  octets[3] = static_cast<std::uint8_t>(model_.precision);
  const Past now{stamper_.received(ntp_time(t)), stamper_.sent(ntp_time(t + model_.processing))};
  // RFC 9769 section 2: the origin names an earlier answer, whose time of sending is told now.
  const std::uint64_t origin = get(request, origin_at);
  const auto meant =
      std::find_if(past_.begin(), past_.end(), [origin](const Past& p) { return p.received == origin; });
  const bool interleaved = meant != past_.end() && get(request, receive_at) != get(request, transmit_at);
  put(octets, reference_at, now.received - 3 * second_in_ntp);
  put(octets, origin_at, get(request, interleaved ? receive_at : transmit_at));
  put(octets, receive_at, now.received);
  put(octets, transmit_at, interleaved ? meant->sent : now.sent);
  past_.push_back(now);
  if (past_.size() > 8) past_.pop_front();
  return octets;
}

std::optional<Datagram> NtpServer::ask(double t, std::span<const std::uint8_t> request,
                                       std::mt19937_64& random) {
  const double out = path_.one_way(t, false, random);
  const double back = path_.one_way(t, true, random);
  if (request.size() < header_size || (request[0] & 7) != 3) return std::nullopt;
  if (!path_.open(t) || path_.loses(random)) return std::nullopt;
  Datagram datagram;
  datagram.payload = answer(t + out, request);
  datagram.at = t + out + model_.processing + back;
  if (path_.loses(random)) return std::nullopt;
  return datagram;
}

Network::Network(const simulation::Scenario& scenario, const TrueTime& true_time, std::uint64_t seed)
    : random_(seed) {
  for (const auto& model : scenario.servers)
    servers_.emplace_back(model, true_time, seed + 3000 + servers_.size());
}

void Network::send(double t, std::uint16_t from_port, const sockaddr_in& to,
                   std::span<const std::uint8_t> payload) {
  const std::uint32_t index = ntohl(to.sin_addr.s_addr) - first_address;
  if (ntohs(to.sin_port) != ntp_port || index >= servers_.size()) return;
  ++requests_;
  auto reply = servers_[index].ask(t, payload, random_);
  if (!reply) return;
  reply->from = to;
  reply->to_port = from_port;
  const auto later = std::upper_bound(under_way_.begin(), under_way_.end(), reply->at,
                                      [](double at, const Datagram& d) { return at < d.at; });
  under_way_.insert(later, std::move(*reply));
}

double Network::next_arrival() const {
  return under_way_.empty() ? std::numeric_limits<double>::infinity() : under_way_.front().at;
}

std::optional<Datagram> Network::arrived(double t) {
  if (next_arrival() > t) return std::nullopt;
  Datagram datagram = std::move(under_way_.front());
  under_way_.erase(under_way_.begin());
  return datagram;
}

}  // namespace gnomon::interpose
