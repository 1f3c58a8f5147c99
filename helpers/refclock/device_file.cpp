// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/refclock/device_file.hpp"

#include <cerrno>

namespace gnomon::refclock {

Failure device_failure(const base::OsError& error) {
  const auto text = base::to_string(error);
  switch (error.code) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
      return {text + "; it is opened as soon as it is there", true};
    case EACCES:
    case EPERM:
      return {text +
                  "; give gnomond access to the device: DeviceAllow= in its unit and a group of its user, or "
                  "start it as root",
              true};  // udev may not be done with it
    case EBUSY:
      return {text + "; another program uses it", false};
    case ENOTTY:
    case EOPNOTSUPP:
    case EINVAL:
      return {text + "; this device cannot do that", false};
    default:
      return {text, false};
  }
}

Failure device_failure(const char* call) {
  return device_failure(base::last_error(call));
}

}  // namespace gnomon::refclock
