// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/clock/program.hpp"

#include <unistd.h>

#include <csignal>

#include "base/os/rtc.hpp"
#include "helpers/clock/first_time.hpp"
#include "helpers/clock/kept_memory.hpp"
#include "helpers/clock/loop.hpp"
#include "helpers/clock/sandbox.hpp"

namespace gnomon::clock {

int run(std::span<const std::string> words, base::SystemClock& kernel, bool capable, base::Log& log) {
  const auto setup = ipc::from_arguments<ipc::ClockSetup>(words);
  if (!setup) {
    log.write(base::LogEvent::role_misused, "gnomon-clock: " + setup.error());
    return 2;
  }
  base::ignore_termination_signals();
  // systemd's watchdog sends it to all processes at once when gnomond hangs. The core ends by it, and this
  // one by that, in order: the clock is not left at the rate of a slew.
  std::signal(SIGABRT, SIG_IGN);
  const int rtc_fd = setup->rtc.fd;
  KernelRtc device{rtc_fd};
  if (rtc_fd >= 0) base::load_time_zone();  // files are out of reach later
  const KeptMemory kept{setup->memory_fd};  // and so are mappings
  Memory* const memory = kept.memory();
  if (setup->first_time.wanted && capable)
    set_first_time(setup->first_time, setup->rtc, rtc_fd >= 0 ? &device : nullptr, memory, kernel, log);
  // Others cannot open it while we have it.
  const bool tracks = rtc_fd >= 0 && setup->rtc.tracked;
  if (rtc_fd >= 0 && !tracks) close(rtc_fd);
  const auto confined = base::confine(confinement(*setup));
  if (!confined) {
    log.write(base::LogEvent::role_not_confined,
              "gnomon-clock cannot drop its privileges: " + base::to_string(confined.error()));
    return 1;
  }
  // The capability counts only where the kernel accepts it, which it does not inside a user namespace.
  const bool may_adjust = capable && probe_permission(kernel);
  if (may_adjust) take_over(kernel, log, memory != nullptr ? *memory : Memory{});
  Rtc rtc{device, setup->rtc.on_utc};
  ClockService service{kernel, log, setup->budget, may_adjust, memory, tracks ? &rtc : nullptr};
  return serve(ipc::role_channel_fd, service, kernel, log);
}

}  // namespace gnomon::clock
