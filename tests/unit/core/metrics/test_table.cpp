// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/metrics/table.hpp"

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace core::metrics;
using ipc::MetricsFormat;

namespace {

core::control::SourceReport source(const std::string& name, const char* address, std::uint16_t port = 123) {
  core::control::SourceReport report;
  report.association.name = name;
  if (*address != 0) report.association.address = *base::parse_address(address);
  report.association.port = port;
  report.association.last_rx = std::chrono::seconds{3};
  report.association.reach = 0x0f;
  report.association.ntp.any = true;
  report.association.auth.mode = engine::AuthMode::nts;
  report.association.auth.last_ke = std::chrono::minutes{5};
  report.statistics.samples = 7;
  return report;
}

// With something of everything, so that no row is without a sample.
View full_view() {
  View view{.version = "1.2.3"};
  view.tracking.leap = base::LeapIndicator::none;
  view.tracking.from_source = true;
  view.tracking.stratum = 2;
  view.sources =
      told_apart({source("one.example", "192.0.2.1"), source("pool.example", "2001:db8::1", 1123)});
  view.workers = {{.name = "1", .totals = {}}, {.name = "core", .totals = {}}};
  core::control::CertificateReport certificate;
  certificate.file = "/etc/gnomon/time.crt";
  certificate.in_use_since = base::RealTime{};
  view.certificates = {certificate};
  view.key_secret_usable = false;
  view.roles = {{"resolve", 1, 0}};
  view.events[0] = 3;
  view.smoothing.active = true;
  view.real_time_clock.used = true;
  return view;
}

std::set<std::string> words_of(std::string_view text) {
  std::istringstream in{std::string{text}};
  std::set<std::string> words;
  for (std::string word; in >> word;) words.insert(word);
  return words;
}

std::set<std::string> label_names(const std::string& lines) {
  static const std::regex label{"[{,]([a-z_]+)=\""};
  std::set<std::string> names;
  for (std::sregex_iterator at{lines.begin(), lines.end(), label}, end; at != end; ++at)
    names.insert((*at)[1].str());
  return names;
}

std::vector<Metric> all_metrics() {
  std::vector<Metric> all;
  for (const auto& topic : topics()) all.insert(all.end(), topic.metrics.begin(), topic.metrics.end());
  return all;
}

}  // namespace

TEST_CASE("every row has a name by the rules, help in one line, and its unit at the end of its name") {
  static const std::regex name{"gnomon(_[a-z]+)+"};
  std::set<std::string> names;
  for (const auto& metric : all_metrics()) {
    const auto& head = metric.head;
    CAPTURE(head.name);
    CHECK(std::regex_match(std::string{head.name}, name));
    CHECK(names.insert(sample_name(head)).second);
    for (const char* const reserved : {"_total", "_info", "_created", "_count", "_sum", "_bucket"})
      CHECK_FALSE(head.name.ends_with(reserved));
    CHECK((head.unit.empty() || head.name.ends_with("_" + std::string{head.unit})));
    CHECK_FALSE((head.unit.empty() && (head.name.ends_with("_seconds") || head.name.ends_with("_ratio"))));
    CHECK_FALSE(head.help.empty());
    CHECK(head.help.find_first_of("\n\\\"|") == std::string_view::npos);
    CHECK_FALSE(head.help.ends_with('.'));
  }
}

TEST_CASE("every row gives samples, with the labels that it names and no others") {
  const auto view = full_view();
  for (const auto& metric : all_metrics()) {
    CAPTURE(metric.head.name);
    std::string text;
    Samples samples{metric.head, MetricsFormat::openmetrics, text};
    metric.collect(view, samples);
    REQUIRE_FALSE(text.empty());
    auto expected = words_of(metric.labels);
    if (metric.head.type == Type::state_set) expected.insert(std::string{metric.head.name});
    expected.erase("repeat");  // there is none here
    CHECK(label_names(text) == expected);
  }
}

TEST_CASE("no sample is there twice, whatever sources there are, and the text has an end") {
  auto view = full_view();
  auto clock = source("GPS", "");
  clock.association.clock_id = base::reference_id("GPS\0");
  view.sources = told_apart({source("a\"b\n", "192.0.2.1"), source("a\"b\n", "192.0.2.1"), source("pool", ""),
                             source("pool", ""), source("pool", ""), source("a", "192.0.2.2", 124),
                             source("a", "192.0.2.2", 125), clock, clock});
  const auto text = to_text(view, MetricsFormat::openmetrics);
  CHECK(text.ends_with("\n# EOF\n"));
  CHECK(text.contains("source=\"pool\",repeat=\"3\""));
  CHECK(text.contains("source=\"a\",address=\"192.0.2.2\",port=\"125\""));
  std::set<std::string> seen;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    CAPTURE(line);
    CHECK(seen.insert(line.substr(0, line.rfind(' '))).second);
  }
}

TEST_CASE("what is not known is missing") {
  const auto text = to_text(View{}, MetricsFormat::prometheus);
  CHECK(text.contains("\ngnomon_clock_synchronised 0\n"));
  for (const char* const name : {"gnomon_clock_error_bound_seconds", "gnomon_clock_last_offset_seconds",
                                 "gnomon_server_requests_total", "gnomon_server_key_exchanges_total",
                                 "gnomon_source_state", "gnomon_events_total", "# EOF"})
    CHECK_FALSE(text.contains(name));
}

TEST_CASE("offsets are positive where our clock is ahead") {
  auto view = full_view();
  view.tracking.system_time = base::Seconds{0.002};  // slow: it is behind
  view.sources[0].report.statistics.adjusted_offset = base::Seconds{0.003};
  const auto text = to_text(view, MetricsFormat::openmetrics);
  CHECK(text.contains("\ngnomon_clock_offset_seconds -0.002\n"));
  CHECK(text.contains("gnomon_source_offset_seconds{source=\"one.example\",address=\"192.0.2.1\"} 0.003\n"));
}

TEST_CASE("counters of the server are split by worker and outcome") {
  auto view = full_view();
  view.workers[0].totals.hits = 10;
  view.workers[0].totals.drops = 3;
  view.key_exchanges[static_cast<std::size_t>(ipc::SessionEnd::rate_limited)] = 8;
  const auto text = to_text(view, MetricsFormat::openmetrics);
  CHECK(text.contains("gnomon_server_requests_total{worker=\"1\",outcome=\"answered\"} 7\n"));
  CHECK(text.contains("gnomon_server_requests_total{worker=\"1\",outcome=\"dropped\"} 3\n"));
  CHECK(text.contains("gnomon_server_requests_total{worker=\"core\",outcome=\"answered\"} 0\n"));
  CHECK(text.contains("gnomon_server_key_exchanges_total{outcome=\"rate_limited\"} 8\n"));
}
