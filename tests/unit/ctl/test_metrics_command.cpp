// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/metrics_command.hpp"

#include "ctl/render/record.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::ctl;

TEST_CASE("the daemon is asked for one of two formats, and its text is printed as it is") {
  CHECK(metrics("metrics", {})->parameters.empty());
  CHECK(metrics("metrics", {"prometheus"})->parameters.at("format").as_string() == "prometheus");
  CHECK(metrics("metrics", {"openmetrics"})->method == "Metrics");
  CHECK(metrics("metrics", {"xml"}).error() == "'xml' is not openmetrics or prometheus");
  CHECK_FALSE(metrics("metrics", {"prometheus", "openmetrics"}));
  CHECK(render_metrics({{"text", "a 1\n\x1b# EOF\n"}}, {}) == "a 1\n?# EOF\n");
  CHECK(render_metrics({{"text", "\n\xc2\x9b\x31m"}}, {}) == "\n?1m");
  CHECK_THROWS_AS(render_metrics({{"text", 1}}, {}), ReplyFault);
}
