// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/metrics/table.hpp"

namespace gnomon::core::metrics {

std::vector<Topic> topics() {
  return {{"The clock", clock_metrics()},
          {"Sources", source_metrics()},
          {"Serving", server_metrics()},
          {"The daemon and its processes", process_metrics()}};
}

std::string to_text(const View& view, ipc::MetricsFormat format) {
  std::string text;
  for (const auto& topic : topics())
    for (const auto& metric : topic.metrics) {
      Samples samples{metric.head, format, text};
      metric.collect(view, samples);
    }
  if (format == ipc::MetricsFormat::openmetrics) text += "# EOF\n";
  return text;
}

}  // namespace gnomon::core::metrics
