// SPDX-License-Identifier: GPL-2.0-or-later
// What a server's answers have told about it, for reports: the last answer, reachability, totals. Owned by
// its association.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "base/units.hpp"
#include "daemon/core/engine/association/events.hpp"
#include "daemon/core/engine/association/sampling.hpp"
#include "daemon/core/engine/values/reports.hpp"

namespace gnomon::engine {

// How long a source may be unreachable and be selected.
struct UnreachLimit {
  int polls = 100000;  // maxunreach
  // The last poll missed counts when its interval is over, which is when the next request leaves: chronyd's
  // count.
  bool last_is_over = true;
};

class ServerDescription {
 public:
  // --- what has happened
  void sent() { ++ntp_.total_tx; }
  void received() { ++ntp_.total_rx; }  // anything at all
  // An answer or a kiss that is the server's, as far as the mode of authentication proves that.
  void valid() { ++ntp_.total_valid_rx; }
  // Who took the timestamps of the exchange that this ended.
  void count_stamps(const Received& event);
  // By the answer in `event` and the exchange it completes, which in interleaved mode is the one before.
  // asymmetry: as configured.
  void describe(const Received& event, const Exchanged& exchanged, const Measured& measured,
                double asymmetry);
  // A sample came of it.
  void good(base::MonoTime now);
  void kissed(base::ReferenceId code) { last_kiss_ = code; }
  void answered() { last_kiss_.reset(); }
  // Whether the source's time is our own, by its last answer. True: it is since this answer.
  [[nodiscard]] bool set_loop(Loop loop);
  // One poll is over. True: reach went to or from zero.
  [[nodiscard]] bool shift_reach(bool reached);
  // Its address is known.
  void found() { misses_ = 0; }
  // Another server is asked from now on, of which nothing is known. Requests count on until one is answered.
  void replaced();
  // From the last run.
  void restore(std::uint8_t reach, std::uint8_t stratum);

  // --- what is known
  [[nodiscard]] std::uint8_t reach() const { return reach_; }
  [[nodiscard]] int misses() const { return misses_; }  // polls without a usable answer in a row
  [[nodiscard]] Loop loop() const { return loop_; }
  // Its part of the report.
  void fill(AssociationReport& report, base::MonoTime now, UnreachLimit limit) const;

 private:
  std::uint8_t reach_ = 0;
  int misses_ = 0;
  std::uint8_t stratum_ = 0;
  Loop loop_ = Loop::none;
  std::optional<base::ReferenceId> last_kiss_;  // until it answers otherwise
  std::optional<base::MonoTime> last_good_;
  NtpDataReport ntp_;
};

}  // namespace gnomon::engine
