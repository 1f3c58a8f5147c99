// SPDX-License-Identifier: GPL-2.0-or-later
// The time zone of a test, whatever that of the machine is. It is the process's: the one before is put back.
#pragma once

#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>

namespace gnomon::testing {

class Zone {
 public:
  explicit Zone(const char* name) {
    if (const char* const before = std::getenv("TZ")) before_ = before;
    setenv("TZ", name, 1);
    tzset();
  }
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;
  ~Zone() {
    if (before_)
      setenv("TZ", before_->c_str(), 1);
    else
      unsetenv("TZ");
    tzset();
  }

 private:
  std::optional<std::string> before_;
};

}  // namespace gnomon::testing
