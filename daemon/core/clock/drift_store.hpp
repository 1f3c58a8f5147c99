// SPDX-License-Identifier: GPL-2.0-or-later
// The drift file: read at start, written now and then while the frequency changes, and at the end. One that
// chrony wrote is rewritten at once with our mark. Owned by the core.
#pragma once

#include <optional>
#include <string>

#include "base/os/log.hpp"
#include "base/time.hpp"
#include "daemon/core/engine/values/drift_file.hpp"

namespace gnomon::core {

class DriftStore {
 public:
  // Reads the file. Empty path: nothing is read or written. may_write_now: false, another daemon may own it.
  DriftStore(std::string path, base::Seconds interval, bool may_write_now, base::Log& log);

  // What was in the file at start.
  [[nodiscard]] const std::optional<engine::DriftFile>& initial() const { return initial_; }
  // There was no file at start.
  [[nodiscard]] bool was_missing() const { return missing_; }
  // Writes when the last writing is an interval ago; interval 0: only flush() writes.
  void offer(const engine::DriftFile& drift, base::MonoTime now);
  // At the end: writes what was offered and not written yet.
  void flush();

 private:
  [[nodiscard]] std::optional<engine::DriftText> load();

  std::string path_;
  base::Duration interval_;
  base::Log& log_;
  bool missing_ = false;
  std::optional<engine::DriftFile> initial_;
  std::optional<engine::DriftFile> unsaved_;
  std::optional<base::MonoTime> due_;
};

}  // namespace gnomon::core
