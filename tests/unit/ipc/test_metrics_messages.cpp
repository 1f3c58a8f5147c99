// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/metrics_messages.hpp"

#include <string>

#include "ipc/codec.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/ipc/round_trip.hpp"

using namespace gnomon;
using namespace gnomon::ipc;
using namespace gnomon::testing;

TEST_CASE("the request for metrics and its parts pass unchanged") {
  CHECK(round_trip(ReadMetrics{MetricsFormat::prometheus}).format == MetricsFormat::prometheus);
  CHECK(refused(ReadMetrics{static_cast<MetricsFormat>(2)}));
  const auto part = round_trip(MetricsPart{.last = true, .text = std::string(MetricsPart::most_octets, 'x')});
  CHECK(part.last);
  CHECK(part.text.size() == MetricsPart::most_octets);
}
