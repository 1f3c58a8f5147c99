// SPDX-License-Identifier: GPL-2.0-or-later
// Prints docs/metrics.md from the table that exports.
#include <fmt/core.h>

#include <algorithm>

#include "daemon/core/metrics/table.hpp"

using namespace gnomon::core;

namespace {

constexpr std::string_view introduction =
    R"(<!-- Generated from daemon/core/metrics by `ninja -C build update-metrics`; a test compares. -->
# Metrics of gnomon

    gnomonctl metrics                  # OpenMetrics 1.0
    gnomonctl metrics prometheus       # the text format 0.0.4, for the textfile collector of node_exporter

With a line like this in gnomon.conf, Prometheus and everything that reads its formats can fetch them over HTTP, from `/metrics`:

    metricsaddress 127.0.0.1

The default port is 10123. `metricsaddress` can be given several times, with IPv4 and IPv6 addresses, each with its own port, or with the
path of a Unix socket for a reverse proxy. There is neither TLS nor a password: everyone who can reach the address can read the
metrics, the names of sources among them. For Prometheus on another machine use an address that only it can reach, or a reverse
proxy that has both. A job for Prometheus:

```
scrape_configs:
  - job_name: gnomon
    static_configs:
      - targets: ["127.0.0.1:10123"]
```

[Alert rules](../packaging/monitoring/gnomon.rules.yml) and a [dashboard for Grafana](../packaging/monitoring/gnomon-dashboard.json) use these
names; packages install both in /usr/share/gnomon/monitoring.

HTTP is answered by a process of its own, gnomon-metrics, which has no access to anything but this text. It asks gnomon-core at most
twice a second, however many ask it; between two requests a value may be half a second old. It runs at a lower priority than
the processes that keep the time. At most 128 connections are open; one more displaces the oldest of the client that has the most.

Names and labels are stable: sources are known by the name and the address of the configuration, not by a number. `port` is given where it is
not 123, `repeat` where a source would otherwise be the same as another. A label without a value is left out. Offsets are positive where our
clock is ahead. A value that is not known is missing, rather than 0.
)";

std::string label_text(const metrics::Metric& metric) {
  std::string text;
  for (std::string_view rest = metric.labels; !rest.empty();) {
    const auto name = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    text += fmt::format("{}`{}`", text.empty() ? "" : ", ", name);
  }
  if (metric.head.type == metrics::Type::state_set)
    text += fmt::format("{}`{}`", text.empty() ? "" : ", ", metric.head.name);
  return text;
}

}  // namespace

int main() {
  fmt::print("{}", introduction);
  for (const auto& topic : metrics::topics()) {
    fmt::print("\n## {}\n| name | type | labels | meaning |\n|---|---|---|---|\n", topic.title);
    for (const auto& metric : topic.metrics)
      fmt::print("| `{}` | {} | {} | {} |\n", metrics::sample_name(metric.head),
                 metrics::name_of(metric.head.type), label_text(metric), metric.head.help);
  }
  return 0;
}
