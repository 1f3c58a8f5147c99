// SPDX-License-Identifier: GPL-2.0-or-later
// The last time that we were sure of, in a file: a machine without an RTC knows by it that it cannot be
// earlier (RFC 8915 section 8.5). Owned by the core.
#pragma once

#include <optional>
#include <string>

#include "base/os/log.hpp"
#include "base/time.hpp"

namespace gnomon::core {

class SavedTime {
 public:
  // Reads the file. Empty path: nothing is read or written. `built`: it cannot be earlier than that.
  SavedTime(std::string path, base::RealTime built, base::Log& log);

  // What was in the file at start.
  [[nodiscard]] const std::optional<base::RealTime>& initial() const { return initial_; }
  // What is saved is at most a day later than what was saved before: one false time must not make every
  // certificate look expired for ever.
  void save(base::RealTime time);

 private:
  [[nodiscard]] std::optional<base::RealTime> load() const;

  std::string path_;
  base::Log& log_;
  std::optional<base::RealTime> initial_;
  base::RealTime last_;  // saved, or the least that it can be
  bool failed_ = false;  // to write, and that has been told
};

}  // namespace gnomon::core
