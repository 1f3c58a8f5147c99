// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/nic_clocks.hpp"

#include <linux/net_tstamp.h>

#include <vector>

#include "tests/unit/catch.hpp"
#include "tests/unit/remembering_log.hpp"

using namespace gnomon;
using config::ReceiveFilter;
using launcher::NicClocks;
using launcher::receive_filter;

namespace {

unsigned bits(std::initializer_list<int> filters) {
  unsigned result = 0;
  for (const int each : filters) result |= 1U << static_cast<unsigned>(each);
  return result;
}

}  // namespace

TEST_CASE("of the receive filters that a card has, the one that fits best") {
  const auto all = bits({HWTSTAMP_FILTER_NONE, HWTSTAMP_FILTER_ALL});
  const auto ntp = all | bits({HWTSTAMP_FILTER_NTP_ALL});
  const auto ptp = bits({HWTSTAMP_FILTER_NONE, HWTSTAMP_FILTER_PTP_V2_EVENT});
  CHECK(receive_filter(ReceiveFilter::any, ntp) == HWTSTAMP_FILTER_NTP_ALL);
  CHECK(receive_filter(ReceiveFilter::any, all) == HWTSTAMP_FILTER_ALL);
  CHECK(receive_filter(ReceiveFilter::any, ptp) == HWTSTAMP_FILTER_NONE);
  CHECK(receive_filter(ReceiveFilter::ptp, ptp) == HWTSTAMP_FILTER_PTP_V2_EVENT);
  CHECK(receive_filter(ReceiveFilter::ptp, ptp | bits({HWTSTAMP_FILTER_PTP_V2_L4_EVENT})) ==
        HWTSTAMP_FILTER_PTP_V2_L4_EVENT);
  CHECK(receive_filter(ReceiveFilter::ptp, all) == HWTSTAMP_FILTER_NONE);
  CHECK(receive_filter(ReceiveFilter::none, ntp) == HWTSTAMP_FILTER_NONE);
  CHECK(receive_filter(ReceiveFilter::ntp, 0) == HWTSTAMP_FILTER_NTP_ALL);
  CHECK(receive_filter(ReceiveFilter::all, 0) == HWTSTAMP_FILTER_ALL);
}

TEST_CASE("an interface that is named and cannot timestamp is said once; a pattern takes what there is") {
  config::HardwareSettings hardware;
  CHECK_FALSE(NicClocks{hardware}.wanted());
  hardware.timestamping.push_back({.interface = "lo"});
  hardware.timestamping.push_back({.interface = "no-such-nic"});
  hardware.timestamping.push_back({.interface = "lo*"});
  NicClocks nics{hardware};
  CHECK(nics.wanted());
  testing::RememberingLog log;
  CHECK(nics.open_new(log).empty());
  CHECK(log.events == std::vector{base::LogEvent::nic_not_used, base::LogEvent::nic_not_used});
  CHECK(nics.open_new(log).empty());
  CHECK(log.events.size() == 2);
  config::HardwareSettings patterns;
  patterns.timestamping.push_back({.interface = "l*"});
  CHECK(NicClocks{patterns}.open_new(log).empty());
  CHECK(log.events.size() == 2);
}
