// SPDX-License-Identifier: GPL-2.0-or-later
// The one table of metrics: what each is called, what it means and where it is read. The exported text and
// docs/metrics.md are made from it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/metrics/samples.hpp"
#include "daemon/core/metrics/view.hpp"

namespace gnomon::core::metrics {

struct Metric {
  Head head;
  std::string_view
      labels;  // the names of its samples' labels, with a blank between; a state set's own besides
  void (*collect)(const View& view, Samples& samples);
};
struct Topic {
  std::string_view title;
  std::span<const Metric> metrics;
};
[[nodiscard]] std::span<const Metric> clock_metrics();
[[nodiscard]] std::span<const Metric> source_metrics();
[[nodiscard]] std::span<const Metric> server_metrics();
[[nodiscard]] std::span<const Metric> process_metrics();
[[nodiscard]] std::vector<Topic> topics();

// All of them, as it is exported.
[[nodiscard]] std::string to_text(const View& view, ipc::MetricsFormat format);

}  // namespace gnomon::core::metrics
