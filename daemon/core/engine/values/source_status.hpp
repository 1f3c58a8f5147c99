// SPDX-License-Identifier: GPL-2.0-or-later
// What the timekeeper must know of a source besides its samples: what it is, and what its association knows
// of it.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/values/reports.hpp"

namespace gnomon::engine {

struct SourceTraits {
  base::SourceId id;
  config::Source source;
  base::IpAddress address;
  bool authenticated = false;    // nts or key
  bool provisional = false;      // its certificate's dates were forgiven
  base::ReferenceId clock_id{};  // of a reference clock; zero: it is none
  [[nodiscard]] bool is_refclock() const { return clock_id != base::ReferenceId{}; }
};

struct SourceStatus {
  std::uint8_t reach = 0;             // reach register
  bool unreachable_too_long = false;  // maxunreach: it has missed more polls than it may and be selected
  // It is being asked, or its name or keys are: until then it may well answer.
  std::optional<base::MonoTime> awaited_until{};
  bool asked_often = false;  // as often as its reach register is long
  // The soonest that selection may have all samples of it that it needs. Not known: it may be now.
  std::optional<base::MonoTime> ready_at{};
  friend bool operator==(const SourceStatus&, const SourceStatus&) = default;
};

[[nodiscard]] SourceStatus status_of(const AssociationReport& report);

}  // namespace gnomon::engine
