// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include "helpers/refclock/driver.hpp"
#include "helpers/refclock/phc_driver.hpp"
#include "helpers/refclock/pps_driver.hpp"
#include "helpers/refclock/rtc_driver.hpp"
#include "helpers/refclock/shm_driver.hpp"
#include "helpers/refclock/sock_driver.hpp"

namespace gnomon::refclock {

Opened open_driver(const ipc::RefclockDevice& device, int socket) {
  switch (device.driver) {
    case ipc::RefclockDriver::shm:
      return open_shm(device.parameter);
    case ipc::RefclockDriver::sock:
      return open_sock(base::Fd{socket}, geteuid());
    case ipc::RefclockDriver::pps:
      return open_pps(device.parameter);
    case ipc::RefclockDriver::phc:
      return open_phc_clock(device.parameter);
    case ipc::RefclockDriver::rtc:
      break;
  }
  return open_rtc(device.parameter);
}

}  // namespace gnomon::refclock
