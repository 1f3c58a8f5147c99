// SPDX-License-Identifier: GPL-2.0-or-later
// The real-time clock: its device, opened for gnomon-clock, and what files say of it.
#pragma once

#include <optional>

#include "base/os/fd.hpp"
#include "base/os/log.hpp"
#include "base/rtc_file.hpp"
#include "config/command_line.hpp"
#include "config/config.hpp"

namespace gnomon::launcher {

struct RealTimeClock {
  base::Fd device;                     // none: it is not used, or cannot be opened
  bool on_utc = false;                 // rtconutc, or as hwclockfile has it
  bool tracked = false;                // with rtcfile; else only -s reads it
  std::optional<base::RtcFile> error;  // rtcfile, for -s
};

// Whether gnomon-clock has to read it while the daemon runs.
[[nodiscard]] bool tracks_rtc(const config::Config& config, const config::CommandLine& options);
// What cannot be opened or understood is logged and left out.
[[nodiscard]] RealTimeClock open_rtc(const config::Config& config, const config::CommandLine& options,
                                     base::Log& log);

}  // namespace gnomon::launcher
