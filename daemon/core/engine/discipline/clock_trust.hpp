// SPDX-License-Identifier: GPL-2.0-or-later
// How far the system clock is believed where dates of certificates are checked against it: the first minute
// of a machine whose clock is years off (RFC 8915 section 8.5). Owned by the table of sources. Sans-IO.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/time.hpp"
#include "daemon/core/engine/values/certificate_dates.hpp"
#include "daemon/core/engine/values/note.hpp"

namespace gnomon::engine {

enum class ClockBelief : std::uint8_t {
  unknown,    // nobody has told the time yet in this run
  presumed,   // sources agree on a time; their certificates are being checked against it
  confirmed,  // sources with certificates that hold, or that need none, have told the time
};

class ClockTrust {
 public:
  struct Settings {
    base::RealTime built;                 // of this program
    std::optional<base::RealTime> saved;  // the last time a former run was sure of
  };
  struct Vote {  // of one provisional source: our clock is behind by something between
    base::Seconds low{};
    base::Seconds high{};
  };

  explicit ClockTrust(const Settings& settings);

  // At the start: whether the clock reads a time that cannot be.
  [[nodiscard]] std::optional<Note> first_look(const base::Now& now) const;
  [[nodiscard]] ClockBelief belief() const { return belief_; }
  [[nodiscard]] CertificateDates dates(const base::Now& now) const;
  // `correction`: what the clock is still to be corrected by, once it is known; `votes` of the provisional
  // sources, out of so many configured NTS sources, of which more than half must agree.
  [[nodiscard]] std::vector<Note> consider(std::optional<base::Seconds> correction,
                                           std::span<const Vote> votes, std::size_t nts_sources,
                                           const base::Now& now);
  // Somebody set the clock: what was presumed of it does not hold any more.
  void clock_jumped();

 private:
  [[nodiscard]] std::vector<Vote> possible(std::span<const Vote> votes, const base::Now& now) const;
  [[nodiscard]] std::vector<Note> wait_for_more(std::size_t votes, std::size_t nts_sources,
                                                const base::Now& now);
  [[nodiscard]] std::vector<Note> judge(std::span<const Vote> votes, std::size_t nts_sources,
                                        const base::Now& now);

  base::RealTime earliest_;
  ClockBelief belief_ = ClockBelief::unknown;
  base::Duration correction_{};
  base::MonoTime presumed_at_;
  std::optional<base::MonoTime> first_vote_at_;
  bool disagreement_noted_ = false;
  bool waiting_noted_ = false;
};

}  // namespace gnomon::engine
