// SPDX-License-Identifier: GPL-2.0-or-later
// Network cards that timestamp packets themselves (`hwtimestamp`): switches that on, and opens their clocks.
// The only code that needs CAP_NET_ADMIN. Owned by the supervisor.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <vector>

#include "base/os/fd.hpp"
#include "base/os/log.hpp"
#include "config/config.hpp"
#include "ipc/nic_messages.hpp"

namespace gnomon::launcher {

struct OpenedNic {
  ipc::NicOpened what;
  base::Fd clock;
};

// Of rx_filters (ETHTOOL_GET_TS_INFO, a bit for each) the one that fits the option best (HWTSTAMP_FILTER_*).
[[nodiscard]] int receive_filter(config::ReceiveFilter wanted, unsigned available);

class NicClocks {
 public:
  NicClocks() = default;
  explicit NicClocks(const config::HardwareSettings& hardware) : lines_(hardware.timestamping) {}

  [[nodiscard]] bool wanted() const { return !lines_.empty(); }
  // Interfaces that are here now and were not, or were others, when last called, and those that could not be
  // had then: udev may have given us the clock since. What a line names and cannot be had is logged, once; a
  // pattern takes what it finds.
  [[nodiscard]] std::vector<OpenedNic> open_new(base::Log& log);

 private:
  struct Known {
    std::uint32_t index = 0;
    bool used = false;
  };
  [[nodiscard]] std::map<std::string, std::size_t> interfaces() const;

  std::vector<config::HardwareTimestamp> lines_;
  std::map<std::string, Known> known_;
};

}  // namespace gnomon::launcher
