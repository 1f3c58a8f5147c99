// SPDX-License-Identifier: GPL-2.0-or-later
// `mailonchange`: has the mailer write to somebody about a correction of the clock. Owned by the core. The
// mailer is a process of its own, and is told a number and no more.
#pragma once

#include <optional>
#include <utility>

#include "base/log.hpp"
#include "base/os/fd.hpp"
#include "base/time.hpp"
#include "config/config.hpp"

namespace gnomon::core {

class CorrectionMail {
 public:
  // `mailer`: its channel; none: there is no mailer.
  CorrectionMail(base::Fd mailer, base::Log& log) : mailer_(std::move(mailer)), log_(log) {}

  // The clock is being corrected by this much; never waits.
  void on_correction(base::Seconds correction, const std::optional<config::MailOnChange>& wanted);

 private:
  base::Fd mailer_;  // none: there is none, or it has gone
  base::Log& log_;
};

}  // namespace gnomon::core
