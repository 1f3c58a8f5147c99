// SPDX-License-Identifier: GPL-2.0-or-later
// The modelled network: NTP servers 192.0.2.1, .2, ... (stratum 1, basic and interleaved mode) behind paths
// that delay and lose packets; owned by the Machine.
#pragma once

#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include "tests/sim/interpose/kernel_clock.hpp"
#include "tests/sim/scenarios.hpp"

namespace gnomon::interpose {

using Octets = std::vector<std::uint8_t>;

struct Datagram {
  double at = 0;  // true time: when it arrives
  sockaddr_in from{};
  std::uint16_t to_port = 0;
  Octets payload{};
};

class NtpServer {
 public:
  // `seed`: of what is random in its timestamps.
  NtpServer(const simulation::ServerModel& model, const TrueTime& true_time, std::uint64_t seed)
      : model_(model), true_time_(true_time), path_(model), stamper_(model, seed) {}
  // A request sent at true time t; the answer, with the time it comes at, unless either is lost.
  [[nodiscard]] std::optional<Datagram> ask(double t, std::span<const std::uint8_t> request,
                                            std::mt19937_64& random);

 private:
  [[nodiscard]] std::uint64_t ntp_time(double t) const;
  [[nodiscard]] int leap_indicator(double t) const;
  [[nodiscard]] Octets answer(double t, std::span<const std::uint8_t> request);
  struct Past {
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
  };

  simulation::ServerModel model_;
  TrueTime true_time_;
  simulation::Path path_;
  simulation::Stamper stamper_;
  std::deque<Past> past_{};  // the latest answers, for interleaved requests
};

class Network {
 public:
  Network(const simulation::Scenario& scenario, const TrueTime& true_time, std::uint64_t seed);
  void send(double t, std::uint16_t from_port, const sockaddr_in& to, std::span<const std::uint8_t> payload);
  // When the next datagram arrives; infinity: none is on its way.
  [[nodiscard]] double next_arrival() const;
  [[nodiscard]] std::optional<Datagram> arrived(double t);
  [[nodiscard]] std::uint64_t requests() const { return requests_; }

 private:
  std::mt19937_64 random_;
  std::vector<NtpServer> servers_;
  std::vector<Datagram> under_way_;  // in order of arrival
  std::uint64_t requests_ = 0;
};

}  // namespace gnomon::interpose
