// SPDX-License-Identifier: GPL-2.0-or-later
// How dates of certificates are checked while nobody has told the time yet (RFC 8915 section 8.5).
#pragma once

#include "base/time.hpp"

namespace gnomon::engine {

// An expired certificate is expired: our clock is never before the
// least that the time can be where it is checked, and what ran ahead is not set back by whoever holds an old
// key.
struct CertificateDates {
  // A certificate with no other fault than that it is not valid yet may give keys provisionally, once a
  // strict check has failed: that moves time forward only.
  bool forgive_early = false;
  base::Duration correction{};  // to be added to the system clock for what is held for the true time
  base::RealTime earliest{};    // the true time is not before this; nothing once sources have told it
  friend bool operator==(const CertificateDates&, const CertificateDates&) = default;
};

}  // namespace gnomon::engine
