// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/metrics/content.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::metrics;
using gnomon::ipc::MetricsFormat;

TEST_CASE("the format is the one that the client prefers among those that it names") {
  struct Row {
    const char* accept;
    MetricsFormat format;
  };
  const Row rows[] = {
      // Prometheus 2.42 and 3
      {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
       "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       MetricsFormat::openmetrics},
      {"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,"
       "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       MetricsFormat::openmetrics},
      {"Application/OpenMetrics-Text", MetricsFormat::openmetrics},
      {"application/openmetrics-text ; q=0.3 , text/plain ; q=0.2", MetricsFormat::openmetrics},
      // Others
      {"", MetricsFormat::prometheus},
      {"*/*", MetricsFormat::prometheus},
      {"text/html,application/xhtml+xml,*/*;q=0.8", MetricsFormat::prometheus},
      {"text/plain", MetricsFormat::prometheus},
      {"application/openmetrics-text;q=0.4,text/plain;q=0.5", MetricsFormat::prometheus},
      {"application/openmetrics-text;q=0.4,text/*", MetricsFormat::prometheus},
      {"application/openmetrics-text;q=0", MetricsFormat::prometheus},
      {"application/openmetrics-text;q=often", MetricsFormat::prometheus},
      {",;,;q=,;;;", MetricsFormat::prometheus},
  };
  for (const auto& row : rows) {
    CAPTURE(row.accept);
    CHECK(format_for(row.accept) == row.format);
  }
}

TEST_CASE("there is one target and there are two methods") {
  const auto status = [](const char* method, const char* target) {
    return plan_for({.method = method, .target = target, .accept = {}}).status;
  };
  CHECK(status("GET", "/metrics") == Status::ok);
  CHECK(status("GET", "/metrics?name[]=up") == Status::ok);
  CHECK(status("HEAD", "/metrics") == Status::ok);
  CHECK_FALSE(plan_for({.method = "HEAD", .target = "/metrics", .accept = {}}).with_body);
  CHECK(status("POST", "/metrics") == Status::method_not_allowed);
  CHECK(status("get", "/metrics") == Status::method_not_allowed);
  CHECK(status("GET", "/") == Status::not_found);
  CHECK(status("GET", "/metrics/") == Status::not_found);
  CHECK(status("GET", "/../metrics") == Status::not_found);
  CHECK(status("DELETE", "/etc/shadow") == Status::not_found);
  CHECK(status("GET", "") == Status::not_found);
}

TEST_CASE("each format has its content type") {
  CHECK(content_type(MetricsFormat::openmetrics) ==
        "application/openmetrics-text; version=1.0.0; charset=utf-8");
  CHECK(content_type(MetricsFormat::prometheus) == "text/plain; version=0.0.4; charset=utf-8");
}
