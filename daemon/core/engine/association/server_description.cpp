// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/server_description.hpp"

#include <utility>

namespace gnomon::engine {

namespace {

constexpr int polls_of_reach = 8;

void count_stamp(StampSource stamp, std::uint32_t& kernel, std::uint32_t& hardware) {
  if (stamp == StampSource::kernel) ++kernel;
  if (stamp == StampSource::hardware) ++hardware;
}

}  // namespace

void ServerDescription::count_stamps(const Received& event) {
  count_stamp(event.sent.source, ntp_.total_kernel_tx, ntp_.total_hw_tx);
  count_stamp(event.received.source, ntp_.total_kernel_rx, ntp_.total_hw_rx);
}

void ServerDescription::describe(const Received& event, const Exchanged& exchanged, const Measured& measured,
                                 double asymmetry) {
  const protocol::Header& header = exchanged.header;
  stratum_ = measured.sample.stratum.value;
  ntp_.any = true;
  ntp_.local = event.local;
  ntp_.leap = header.leap;
  ntp_.version = header.version;
  ntp_.mode = static_cast<std::uint8_t>(header.mode);
  ntp_.stratum = header.stratum;
  ntp_.poll = header.poll;
  ntp_.precision = header.precision;
  ntp_.root_delay = exchanged.root_delay();
  ntp_.root_dispersion = exchanged.root_dispersion();
  ntp_.reference_id = header.reference_id;
  const base::RealTime by_server = event.received.time + base::to_duration(measured.sample.offset);
  ntp_.reference_time =
      header.reference.is_zero() ? base::RealTime{} : base::from_ntp(header.reference, by_server);
  ntp_.offset = -measured.sample.offset;
  ntp_.delay = measured.sample.delay;
  ntp_.dispersion = measured.sample.dispersion;
  ntp_.response_time = measured.response_time;
  ntp_.jitter_asymmetry = asymmetry;
  ntp_.tests = measured.tests;
  ntp_.interleaved = exchanged.interleaved;
  ntp_.authenticated = exchanged.authenticated;
  ntp_.tx_stamp = exchanged.sent.source;
  ntp_.rx_stamp = exchanged.received.source;
}

void ServerDescription::good(base::MonoTime now) {
  ++ntp_.total_good_rx;
  last_good_ = now;
}

void ServerDescription::replaced() {
  const auto sent = ntp_.total_rx == 0 ? ntp_.total_tx : 0;
  *this = {};
  ntp_.total_tx = sent;
}

bool ServerDescription::set_loop(Loop loop) {
  return loop != std::exchange(loop_, loop) && loop != Loop::none;
}

bool ServerDescription::shift_reach(bool reached) {
  const bool before = reach_ != 0;
  reach_ = static_cast<std::uint8_t>((static_cast<unsigned>(reach_) << 1U) | (reached ? 1U : 0U));
  misses_ = reached ? 0 : misses_ + 1;
  return before != (reach_ != 0);
}

void ServerDescription::restore(std::uint8_t reach, std::uint8_t stratum) {
  reach_ = reach;
  stratum_ = stratum;
}

void ServerDescription::fill(AssociationReport& report, base::MonoTime now, UnreachLimit limit) const {
  report.stratum = stratum_;
  report.reach = reach_;
  const int unreachable = misses_ - polls_of_reach;
  report.unreachable_too_long =
      reach_ == 0 && unreachable >= 0 && unreachable - (limit.last_is_over ? 0 : 1) >= limit.polls;
  report.loop = loop_;
  report.kiss = last_kiss_;
  if (last_good_) report.last_rx = now - *last_good_;
  report.ntp = ntp_;
}

}  // namespace gnomon::engine
