// SPDX-License-Identifier: GPL-2.0-or-later
// Core and gnomon-metrics: one text is asked for, and comes in parts. Nothing else can be asked.
#pragma once

#include <cstdint>
#include <string>

#include "ipc/frame.hpp"

namespace gnomon::ipc {

// How the text is written: OpenMetrics 1.0, or the older text format of Prometheus, 0.0.4.
enum class MetricsFormat : std::uint8_t { openmetrics, prometheus };

struct ReadMetrics {  // gnomon-metrics -> core
  static constexpr auto type = MessageType::read_metrics;
  MetricsFormat format{};
};
struct MetricsPart {  // core -> gnomon-metrics, with the request's id; in order, the last one marked
  static constexpr auto type = MessageType::metrics_part;
  static constexpr std::size_t most_octets = 8000;
  bool last = false;
  std::string text;  // at most most_octets
};
// A text that is longer than this is refused by who asked.
inline constexpr std::size_t most_metrics_octets = std::size_t{8} << 20U;

}  // namespace gnomon::ipc
