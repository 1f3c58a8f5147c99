// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/phc.hpp"

#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/ptp_clock.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace gnomon::base {

namespace {

Duration duration_of(const ptp_clock_time& time) {
  return std::chrono::seconds{time.sec} + Duration{time.nsec};
}
RealTime real_of(const ptp_clock_time& time) {
  return RealTime{duration_of(time)};
}

OsResult<std::size_t> read_precise(int phc, std::span<PhcReading> into) {
  ptp_sys_offset_precise both{};
  if (ioctl(phc, PTP_SYS_OFFSET_PRECISE, &both) != 0)
    return std::unexpected(last_error("ioctl(PTP_SYS_OFFSET_PRECISE)"));
  const auto system = real_of(both.sys_realtime);
  into.front() = {system, system, duration_of(both.device)};
  return 1;
}

OsResult<std::size_t> read_extended(int phc, std::span<PhcReading> into) {
  ptp_sys_offset_extended readings{};
  readings.n_samples = static_cast<unsigned>(into.size());
  if (ioctl(phc, PTP_SYS_OFFSET_EXTENDED, &readings) != 0)
    return std::unexpected(last_error("ioctl(PTP_SYS_OFFSET_EXTENDED)"));
  const auto count = std::min<std::size_t>(readings.n_samples, into.size());
  for (std::size_t i = 0; i < count; ++i) {
    const auto& triple = readings.ts[i];
    into[i] = {real_of(triple[0]), real_of(triple[2]), duration_of(triple[1])};
  }
  return count;
}

OsResult<std::size_t> read_plain(int phc, std::span<PhcReading> into) {
  ptp_sys_offset readings{};
  readings.n_samples = static_cast<unsigned>(into.size());
  if (ioctl(phc, PTP_SYS_OFFSET, &readings) != 0) return std::unexpected(last_error("ioctl(PTP_SYS_OFFSET)"));
  const auto count = std::min<std::size_t>(readings.n_samples, into.size());
  for (std::size_t i = 0; i < count; ++i)  // system, PHC, system, PHC, ..., system
    into[i] = {real_of(readings.ts[2 * i]), real_of(readings.ts[2 * i + 2]),
               duration_of(readings.ts[2 * i + 1])};
  return count;
}

}  // namespace

OsResult<std::string> phc_of_interface(const std::string& interface) {
  const Fd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (!socket) return std::unexpected(last_error("socket"));
  ethtool_ts_info info{};
  info.cmd = ETHTOOL_GET_TS_INFO;
  ifreq request{};
  if (interface.size() >= sizeof request.ifr_name)
    return std::unexpected(OsError{"ioctl(SIOCETHTOOL)", ENODEV});
  interface.copy(&request.ifr_name[0], sizeof request.ifr_name - 1);
  request.ifr_data = reinterpret_cast<char*>(&info);  // NOLINT: the kernel's interface
  if (ioctl(socket.get(), SIOCETHTOOL, &request) != 0)
    return std::unexpected(last_error("ioctl(SIOCETHTOOL)"));
  if (info.phc_index < 0) return std::unexpected(OsError{"ioctl(ETHTOOL_GET_TS_INFO)", ENODEV});
  return "/dev/ptp" + std::to_string(info.phc_index);
}

OsResult<Fd> open_phc(const std::string& path_or_interface) {
  std::string path = path_or_interface;
  if (!path.starts_with('/')) {
    auto device = phc_of_interface(path);
    if (!device) return std::unexpected(device.error());
    path = std::move(*device);
  }
  Fd phc{open(path.c_str(), O_RDWR | O_CLOEXEC)};
  if (!phc && errno == EACCES) phc = Fd{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!phc) return std::unexpected(last_error("open"));
  ptp_clock_caps capabilities{};
  if (ioctl(phc.get(), PTP_CLOCK_GETCAPS, &capabilities) != 0)
    return std::unexpected(last_error("ioctl(PTP_CLOCK_GETCAPS)"));
  return phc;
}

OsResult<std::size_t> read_phc(int phc, PhcMethod method, std::span<PhcReading> into) {
  into = into.first(std::min(into.size(), most_phc_readings));
  if (into.empty()) return 0;
  switch (method) {
    case PhcMethod::precise:
      return read_precise(phc, into);
    case PhcMethod::extended:
      return read_extended(phc, into);
    case PhcMethod::plain:
      break;
  }
  return read_plain(phc, into);
}

std::span<const unsigned long> phc_requests() {
  static constexpr std::array<unsigned long, 3> requests{PTP_SYS_OFFSET, PTP_SYS_OFFSET_EXTENDED,
                                                         PTP_SYS_OFFSET_PRECISE};
  return requests;
}

OsResult<PhcMethod> find_phc_method(int phc, bool cross_timestamps) {
  std::array<PhcReading, 1> reading{};
  if (cross_timestamps && read_precise(phc, reading)) return PhcMethod::precise;
  // No reading tells as much as one, and leaves the device alone.
  if (read_extended(phc, {})) return PhcMethod::extended;
  if (const auto plain = read_plain(phc, {}); !plain) return std::unexpected(plain.error());
  return PhcMethod::plain;
}

std::optional<PhcOffset> offset_of(std::span<const PhcReading> readings, Duration precision) {
  auto shortest = Duration::max();
  for (const auto& r : readings)
    if (r.after >= r.before) shortest = std::min(shortest, r.after - r.before);
  if (shortest == Duration::max()) return std::nullopt;
  const PhcReading* first = nullptr;
  Duration time{}, offset{};  // beyond the first one's
  int count = 0;
  const auto middle = [](const PhcReading& r) { return r.before + (r.after - r.before) / 2; };
  for (const auto& r : readings) {
    if (r.after < r.before || r.after - r.before > shortest + precision) continue;
    if (first == nullptr) first = &r;
    const auto since = middle(r) - middle(*first);
    time += since;
    offset += (r.phc - first->phc) - since;
    ++count;
  }
  return PhcOffset{.time = middle(*first) + time / count,
                   .offset = to_seconds(offset) / count,
                   .whole = first->phc - middle(*first).time_since_epoch(),
                   .error = to_seconds(shortest) / 2.0};
}

}  // namespace gnomon::base
