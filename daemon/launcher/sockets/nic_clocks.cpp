// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/nic_clocks.hpp"

#include <fcntl.h>
#include <fnmatch.h>
#include <linux/ethtool.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "base/os/error.hpp"

namespace gnomon::launcher {
namespace {

using config::ReceiveFilter;

struct Refused {
  std::string why;
};
template <class T>
using OrRefused = std::expected<T, Refused>;

std::unexpected<Refused> refused_by(const char* call) {
  return std::unexpected(Refused{base::to_string(base::last_error(call))});
}

constexpr bool is_pattern(std::string_view name) {
  return name.find_first_of("*?[") != std::string_view::npos;
}

ifreq request_for(const std::string& name) {
  ifreq request{};
  name.copy(&request.ifr_name[0], IFNAMSIZ - 1);
  return request;
}

OrRefused<ethtool_ts_info> ask_abilities(int socket, const std::string& name) {
  auto request = request_for(name);
  ethtool_ts_info info{};
  info.cmd = ETHTOOL_GET_TS_INFO;
  request.ifr_data = reinterpret_cast<char*>(&info);  // NOLINT: as the kernel has it
  if (ioctl(socket, SIOCETHTOOL, &request) != 0) return refused_by("ioctl(ETHTOOL_GET_TS_INFO)");
  constexpr unsigned needed =
      SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_TX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE;
  if ((info.so_timestamping & needed) != needed || info.phc_index < 0)
    return std::unexpected(Refused{"the card or its driver does not timestamp packets"});
  return info;
}

// Mbit/s; 0: not known, as without a link.
std::uint32_t ask_speed(int socket, const std::string& name) {
  auto request = request_for(name);
  ethtool_cmd command{};
  command.cmd = ETHTOOL_GSET;
  request.ifr_data = reinterpret_cast<char*>(&command);  // NOLINT: as the kernel has it
  if (ioctl(socket, SIOCETHTOOL, &request) != 0) return 0;
  const auto speed = ethtool_cmd_speed(&command);
  constexpr std::uint32_t greatest = 10'000'000;
  return speed <= greatest ? speed : 0;
}

// The settings are the machine's: another program that has made the same ones is fine.
OrRefused<void> switch_on(int socket, const std::string& name, int filter) {
  auto request = request_for(name);
  hwtstamp_config wanted{.flags = 0, .tx_type = HWTSTAMP_TX_ON, .rx_filter = filter};
  request.ifr_data = reinterpret_cast<char*>(&wanted);  // NOLINT: as the kernel has it
  if (ioctl(socket, SIOCSHWTSTAMP, &request) == 0) return {};
  auto refusal = refused_by("ioctl(SIOCSHWTSTAMP)");
  hwtstamp_config present{};
  request.ifr_data = reinterpret_cast<char*>(&present);  // NOLINT
  const bool same = ioctl(socket, SIOCGHWTSTAMP, &request) == 0 && present.tx_type == HWTSTAMP_TX_ON &&
                    present.rx_filter == filter;
  if (same) return {};
  return refusal;
}

OrRefused<OpenedNic> open_nic(const std::string& name, const config::HardwareTimestamp& line) {
  const base::Fd socket{::socket(AF_INET, SOCK_DGRAM, 0)};  // bare: simulators know no flags here
  if (!socket) return refused_by("socket");
  fcntl(socket.get(), F_SETFD, FD_CLOEXEC);
  auto request = request_for(name);
  if (ioctl(socket.get(), SIOCGIFINDEX, &request) != 0 || request.ifr_ifindex <= 0)
    return std::unexpected(Refused{"there is no such interface"});
  const auto index = static_cast<std::uint32_t>(request.ifr_ifindex);
  const auto abilities = ask_abilities(socket.get(), name);
  if (!abilities) return std::unexpected(abilities.error());
  const int filter = receive_filter(line.receive_filter, abilities->rx_filters);
  if (auto done = switch_on(socket.get(), name, filter); !done) return std::unexpected(done.error());
  const auto path = fmt::format("/dev/ptp{}", abilities->phc_index);
  base::Fd clock{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!clock) return std::unexpected(Refused{path + ": " + base::to_string(base::last_error("open"))});
  return OpenedNic{{.interface = index,
                    .name = name,
                    .receives = filter != HWTSTAMP_FILTER_NONE,
                    .speed = ask_speed(socket.get(), name)},
                   std::move(clock)};
}

}  // namespace

int receive_filter(ReceiveFilter wanted, unsigned available) {
  const auto has = [available](int filter) {
    return filter < 32 && (available & (1U << static_cast<unsigned>(filter))) != 0;
  };
  switch (wanted) {
    case ReceiveFilter::none:
      return HWTSTAMP_FILTER_NONE;
    case ReceiveFilter::ntp:
      return HWTSTAMP_FILTER_NTP_ALL;
    case ReceiveFilter::all:
      return HWTSTAMP_FILTER_ALL;
    case ReceiveFilter::ptp:
      if (has(HWTSTAMP_FILTER_PTP_V2_L4_EVENT)) return HWTSTAMP_FILTER_PTP_V2_L4_EVENT;
      return has(HWTSTAMP_FILTER_PTP_V2_EVENT) ? HWTSTAMP_FILTER_PTP_V2_EVENT : HWTSTAMP_FILTER_NONE;
    case ReceiveFilter::any:
      break;
  }
  if (has(HWTSTAMP_FILTER_NTP_ALL)) return HWTSTAMP_FILTER_NTP_ALL;
  return has(HWTSTAMP_FILTER_ALL) ? HWTSTAMP_FILTER_ALL : HWTSTAMP_FILTER_NONE;
}

// Each with the first line that fits it; names go before patterns.
std::map<std::string, std::size_t> NicClocks::interfaces() const {
  std::map<std::string, std::size_t> found;
  bool patterns = false;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (is_pattern(lines_[i].interface))
      patterns = true;
    else
      found.emplace(lines_[i].interface, i);
  }
  if (!patterns) return found;
  const std::unique_ptr<struct if_nameindex, decltype(&if_freenameindex)> all{if_nameindex(),
                                                                              &if_freenameindex};
  for (const auto* each = all.get(); each != nullptr && each->if_index != 0; ++each)  // NOLINT: C's list
    for (std::size_t i = 0; i < lines_.size(); ++i)
      if (is_pattern(lines_[i].interface) && fnmatch(lines_[i].interface.c_str(), each->if_name, 0) == 0)
        found.emplace(each->if_name, i);
  return found;
}

std::vector<OpenedNic> NicClocks::open_new(base::Log& log) {
  std::vector<OpenedNic> opened;
  std::map<std::string, Known> known;
  for (const auto& [name, line] : interfaces()) {
    const auto before = known_.find(name);
    const auto index = if_nametoindex(name.c_str());
    const bool is_known = before != known_.end() && before->second.index == index;
    if (is_known && before->second.used) {
      known.insert(*before);
      continue;
    }
    auto nic = open_nic(name, lines_[line]);
    known.emplace(name, Known{.index = index, .used = nic.has_value()});
    if (!nic && (is_known || is_pattern(lines_[line].interface))) continue;
    if (!nic) {
      log.write(base::LogEvent::nic_not_used,
                fmt::format("Could not enable HW timestamping on {}: {}; the kernel's timestamps are used",
                            name, nic.error().why),
                {{base::LogField::directive, "hwtimestamp"}, {base::LogField::reason, nic.error().why}});
      continue;
    }
    nic->what.line = static_cast<std::uint16_t>(line);
    log.write(base::LogEvent::nic_used,
              fmt::format("Enabled HW timestamping {}on {}", nic->what.receives ? "" : "(TX only) ", name),
              {{base::LogField::directive, "hwtimestamp"}});
    opened.push_back(std::move(*nic));
  }
  known_ = std::move(known);
  return opened;
}

}  // namespace gnomon::launcher
