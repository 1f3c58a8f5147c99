// SPDX-License-Identifier: GPL-2.0-or-later
// A PTP hardware clock (PHC, linux/ptp_clock.h) read beside the system clock. A PHC counts from 1970 in UTC,
// in TAI or in a time of its own; it is not said which.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/os/error.hpp"
#include "base/os/fd.hpp"
#include "base/time.hpp"

namespace gnomon::base {

// The PHC read between two readings of the system clock; its true time lies within them.
struct PhcReading {
  RealTime before;
  RealTime after;
  Duration phc{};  // since the PHC's 1970
  friend bool operator==(const PhcReading&, const PhcReading&) = default;
};
inline constexpr std::size_t most_phc_readings = 25;  // at once, as the kernel has it

enum class PhcMethod : std::uint8_t {
  precise,   // PTP_SYS_OFFSET_PRECISE: both clocks by the hardware at one moment, a single reading
  extended,  // PTP_SYS_OFFSET_EXTENDED: the system clock right before and after the register is read
  plain      // PTP_SYS_OFFSET: with whatever the driver does in between
};

// "/dev/ptp0", or the name of a network interface: its PHC. Read and write, as pins and events need.
[[nodiscard]] OsResult<Fd> open_phc(const std::string& path_or_interface);
// The device of an interface's PHC, "/dev/ptp0" (ETHTOOL_GET_TS_INFO). ENODEV: it has none.
[[nodiscard]] OsResult<std::string> phc_of_interface(const std::string& interface);
// As many readings as there is room for, at most most_phc_readings; how many there are.
[[nodiscard]] OsResult<std::size_t> read_phc(int phc, PhcMethod method, std::span<PhcReading> into);
// The requests of ioctl that read_phc() makes, for those who list what a process may call.
[[nodiscard]] std::span<const unsigned long> phc_requests();
// The first method in the order above that works; `cross_timestamps`: whether the precise one is wanted.
[[nodiscard]] OsResult<PhcMethod> find_phc_method(int phc, bool cross_timestamps);

struct PhcOffset {
  RealTime time;     // system clock
  Seconds offset{};  // PHC minus system clock, without the whole seconds of `whole`
  Duration whole{};  // what is added to it
  Seconds error{};   // bound
  [[nodiscard]] Duration total() const { return whole + to_duration(offset); }
};
// What readings taken at once say together: those that took hardly longer (`precision`) than the shortest
// one. nullopt: none of them can be true, as the system clock went backwards in it.
[[nodiscard]] std::optional<PhcOffset> offset_of(std::span<const PhcReading> readings, Duration precision);

}  // namespace gnomon::base
