// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/one_shot.hpp"

#include <fmt/core.h>

namespace gnomon::core {

OneShot::OneShot(ipc::CoreMode mode, bool steers, base::Log& log, Finish finish)
    : corrects_(mode == ipc::CoreMode::set_once && steers),
      once_(mode != ipc::CoreMode::daemon),
      log_(log),
      finish_(std::move(finish)) {}

void OneShot::on_measured(base::Seconds offset) {
  if (!once_ || measured_) return;
  measured_ = true;
  log_.write(
      base::LogEvent::offset_measured,
      fmt::format("System clock wrong by {:.6f} seconds{}", offset.count(), corrects_ ? "" : " (ignored)"),
      {{base::LogField::offset, offset.count()}});
  if (!corrects_) finish_(0);
}

void OneShot::on_settled() {
  if (measured_ && corrects_) finish_(0);
}

void OneShot::on_refused() {
  if (corrects_) finish_(1);
}

void OneShot::on_all_finished() {
  if (!once_ || measured_) return;
  log_.write(base::LogEvent::no_suitable_source, "No suitable source for synchronisation");
  finish_(1);
}

}  // namespace gnomon::core
