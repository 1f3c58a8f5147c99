// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/clock/drift_store.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "base/os/file.hpp"
#include "base/os/regular_file.hpp"

namespace gnomon::core {

namespace {

// A first writing comes early, so that a crash does not cost all that was learnt.
constexpr base::Duration first_interval = std::chrono::minutes{10};

}  // namespace

DriftStore::DriftStore(std::string path, base::Seconds interval, bool may_write_now, base::Log& log)
    : path_(std::move(path)), interval_(base::to_duration(interval)), log_(log) {
  const auto found = load();
  if (!found) return;
  initial_ = found->drift;
  if (found->marked) return;
  log_.write(base::LogEvent::drift_file_adopted,
             fmt::format("Drift file {} was written by chrony: its frequency is used as it is, {:.3f} ppm",
                         path_, initial_->frequency.value),
             {{base::LogField::file, path_}, {base::LogField::frequency, initial_->frequency.value}});
  if (!may_write_now) return;
  unsaved_ = initial_;
  flush();
}

std::optional<engine::DriftText> DriftStore::load() {
  if (path_.empty()) return std::nullopt;
  const auto text = base::read_file(path_, 1024);
  if (!text) {
    missing_ = text.error().code == ENOENT;
    if (!missing_)
      log_.write(base::LogEvent::drift_file_unreadable,
                 fmt::format("Could not read the drift file {}: {}; {}", path_, base::to_string(text.error()),
                             base::remedy_of_reading(text.error().code, "driftfile")),
                 {{base::LogField::file, path_}});
    return std::nullopt;
  }
  const auto drift = engine::parse_drift(*text);
  if (!drift)
    log_.write(base::LogEvent::drift_file_damaged,
               fmt::format("Drift file {} is not understood and ignored", path_),
               {{base::LogField::file, path_}});
  return drift;
}

void DriftStore::offer(const engine::DriftFile& drift, base::MonoTime now) {
  unsaved_ = drift;
  if (!due_) due_ = now + std::min(interval_, first_interval);
  if (interval_ <= base::Duration{} || now < *due_) return;
  flush();
  due_ = now + interval_;
}

void DriftStore::flush() {
  if (path_.empty() || !unsaved_) return;
  const auto written = base::write_file_atomically(path_, engine::to_text(*unsaved_), 0644);
  if (!written)
    log_.write(
        base::LogEvent::drift_file_not_written,
        fmt::format("Could not write the drift file {}: {}; {}", path_, base::to_string(written.error()),
                    base::remedy_of_writing(written.error().code, path_, "driftfile")),
        {{base::LogField::file, path_}, {base::LogField::os_error, written.error().code}});
  unsaved_.reset();
}

}  // namespace gnomon::core
