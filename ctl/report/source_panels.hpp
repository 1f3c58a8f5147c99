// SPDX-License-Identifier: GPL-2.0-or-later
// What a report draws of each source: when it was selected, and its offsets against its delays, where a route
// that is slower in one direction shows. Stateless.
#pragma once

#include <string>
#include <vector>

#include "ctl/report/history.hpp"
#include "ctl/report/panel.hpp"
#include "ctl/report/time_panels.hpp"

namespace gnomon::ctl {

// What is known of one source in the period.
struct SourceSummary {
  std::size_t source = 0;
  std::size_t measured = 0;
  std::size_t used = 0;
  double least_delay = 0;
  double median_delay = 0;
  double base_offset = 0;  // median of those with the smallest delays; positive: our clock is ahead
  double jitter = 0;       // median distance of the offsets from their median
  int stratum = 0;         // the last one
  // Of the measurements that took longer than usual: in which direction the time was lost.
  std::size_t late_requests = 0;
  std::size_t late_responses = 0;
};
// Those with the most measurements first.
[[nodiscard]] std::vector<SourceSummary> summaries(const History& history, const Period& period);

// Whether its route takes longer in one direction: a sentence.
[[nodiscard]] std::string asymmetry_text(const SourceSummary& summary);

// A row for each source, as markup.
[[nodiscard]] std::string selection_bands(const History& history, const Period& period,
                                          const std::vector<SourceSummary>& sources);
// One source's measurements, with at most so many dots.
[[nodiscard]] std::string delay_scatter(const History& history, const Period& period,
                                        const SourceSummary& summary, std::size_t most_dots);

}  // namespace gnomon::ctl
