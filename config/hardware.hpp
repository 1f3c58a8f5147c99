// SPDX-License-Identifier: GPL-2.0-or-later
// The part of the configuration that speaks of devices: reference clocks, timestamping, the real-time clock,
// the temperature sensor. Values as chrony.conf(5) states them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.hpp"

namespace gnomon::config {

// One refclock line.
struct RefClock {
  std::string driver;  // PPS, SHM, SOCK, PHC, RTC
  std::string parameter;
  int poll = 4;
  int driver_poll = 0;  // dpoll
  int filter = 64;
  std::string reference_id;       // refid, at most four characters
  std::string lock_reference_id;  // lock
  int max_lock_age = 2;
  int pps_rate = 0;
  base::Stratum stratum{0};
  int max_unreach = 100000;
  std::optional<int> min_samples;  // nullopt: the global default
  std::optional<int> max_samples;
  base::Seconds offset{};
  base::Seconds delay{1e-9};
  base::Seconds precision{};
  base::Seconds max_dispersion{};
  base::Seconds width{};
  bool local = false;
  bool pps = false;
  bool tai = false;
  bool prefer = false;
  bool no_select = false;
  bool trust = false;
  bool require = false;
  friend bool operator==(const RefClock&, const RefClock&) = default;
};

// Its reference identifier as text: what `refid` says, else the first letters of the driver and the number of
// the line, as chrony has them: "PPS1", "SO12".
[[nodiscard]] inline std::string reference_name(const RefClock& clock, std::size_t index) {
  if (!clock.reference_id.empty()) return clock.reference_id;
  const auto number = std::to_string(index % 100);
  return clock.driver.substr(0, 4 - number.size()) + number;
}

enum class ReceiveFilter : std::uint8_t { any, none, ntp, ptp, all };

// One hwtimestamp line.
struct HardwareTimestamp {
  std::string interface;  // "*": all
  int min_poll = 0;
  std::optional<int> max_poll;  // nullopt: min_poll + 1
  int min_samples = 2;
  int max_samples = 16;
  base::Seconds precision{100e-9};
  base::Seconds tx_compensation{};
  base::Seconds rx_compensation{};
  bool no_cross_timestamp = false;
  ReceiveFilter receive_filter = ReceiveFilter::any;
  friend bool operator==(const HardwareTimestamp&, const HardwareTimestamp&) = default;
};

// Frequency correction k0 + k1 (T - T0) + k2 (T - T0)^2, or by a file of points.
struct TemperatureCompensation {
  std::string sensor_file;
  base::Seconds interval{};
  double t0 = 0;  // in the sensor's unit; so is the T of the formula
  base::Ppm k0{};
  base::Ppm k1{};          // for each unit
  base::Ppm k2{};          // for each unit squared
  std::string point_file;  // empty: the formula
  friend bool operator==(const TemperatureCompensation&, const TemperatureCompensation&) = default;
};

struct HardwareSettings {
  std::vector<RefClock> reference_clocks;
  std::vector<HardwareTimestamp> timestamping;
  base::Seconds timestamp_timeout{0.001};  // hwtstimeout
  std::optional<TemperatureCompensation> temperature;
  std::string hwclock_file;
  std::string rtc_device = "/dev/rtc";
  std::string rtc_file;
  bool rtc_on_utc = false;
  base::Seconds rtc_auto_trim{};  // 0: never
  friend bool operator==(const HardwareSettings&, const HardwareSettings&) = default;
};

}  // namespace gnomon::config
