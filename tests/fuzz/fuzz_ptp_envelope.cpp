// SPDX-License-Identifier: GPL-2.0-or-later
// NTP over PTP out of any octets: what is taken out is what stood behind the envelope, and goes in again.
#include <algorithm>
#include <cmath>

#include "protocol/ntp/ptp_envelope.hpp"
#include "tests/fuzz/require.hpp"

using namespace gnomon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes datagram{data, size};
  constexpr std::uint8_t domain = 123;
  const auto opened = protocol::open_ptp_envelope(datagram, domain);
  if (!opened) return 0;
  require(opened->ntp.size() + protocol::ptp_envelope_size == size);
  require(std::fabs(opened->correction.count()) < 150000);
  const auto envelope = protocol::ptp_envelope(opened->ntp, domain);
  base::Buffer again{envelope.begin(), envelope.end()};
  again.insert(again.end(), opened->ntp.begin(), opened->ntp.end());
  const auto reopened = protocol::open_ptp_envelope(again, domain);
  require(reopened && std::ranges::equal(reopened->ntp, opened->ntp));
  return 0;
}
