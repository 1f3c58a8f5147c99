// SPDX-License-Identifier: GPL-2.0-or-later
// What a page is made of: texts that are no markup, paths that keep what is seen, axes with round numbers.
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "ctl/report/history.hpp"
#include "ctl/report/markup.hpp"
#include "ctl/report/plot.hpp"
#include "ctl/report/source_panels.hpp"
#include "ctl/report/time_panels.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::ctl;

TEST_CASE("what others have chosen is text") {
  CHECK(escaped("<a href=\"x\" o='y'>&") == "&lt;a href=&quot;x&quot; o=&#39;y&#39;&gt;&amp;");
  CHECK(escaped("a\x01\x7f\u0085\u202e\ufffe"
                "b") ==
        "a\ufffd\ufffd\ufffd\ufffd\ufffd"
        "b");
  CHECK(escaped("two\nlines") == "two lines");
  CHECK(escaped("\u00e4\u65e5\U0001f552") == "\u00e4\u65e5\U0001f552");
  CHECK(escaped("\u00e4\u00e4\u00e4", 4) == "\u00e4\u00e4\u2026");
  CHECK(escaped("\x80\x80") == "\ufffd");
}

TEST_CASE("quantities have the unit that suits them") {
  CHECK(quantity(1.2345e-5) == "12.3\u00a0\u00b5s");
  CHECK(quantity(-0.52, true) == "\u2212520\u00a0ms");
  CHECK(quantity(0.25e-6, true) == "+250\u00a0ns");
  CHECK(quantity(86400) == "86400\u00a0s");
  CHECK(quantity(0) == "0 s");
  CHECK(round_quantity(5e-5) == "50\u00a0\u00b5s");
  CHECK(round_quantity(-4.5e-3, true) == "\u22124.5\u00a0ms");
}

TEST_CASE("frequencies are written as offsets are: with a real minus, and zero without a sign") {
  CHECK(frequency_text(-0.25, 2) == "\u22120.25");
  CHECK(frequency_text(2, 1) == "+2.0");
  CHECK(frequency_text(0, 1) == "0");
  CHECK(frequency_text(-0.0004, 3) == "0");
}

TEST_CASE("what is known begins with the first thing of any kind") {
  History history;
  CHECK_FALSE(first_time(history));
  history.clock = {{.time = 30}, {.time = 40}};
  history.events = {{.time = 20}};
  CHECK(first_time(history) == 20);
  history.starts = {10};
  CHECK(first_time(history) == 10);
}

TEST_CASE("a daemon that has not synchronised yet is not synchronised") {
  History history;
  history.starts = {100, 160};
  history.clock = {{.time = 130, .bound = 1e-3}, {.time = 180, .bound = 1e-3}};
  const auto share = [&history](double begin, double end) {
    return bound_line(history, {.begin = begin, .end = end}).synchronised;
  };
  CHECK(share(100, 200) == 0.5);  // 130 to 160, 180 to 200
  CHECK(share(120, 200) == 50.0 / 80);
  CHECK(share(0, 200) == 0.5);  // what was before is not known
  CHECK(share(185, 200) == 1);
  history.clock.clear();
  CHECK(share(100, 200) == 0);
}

TEST_CASE("thinning keeps the extremes and the gaps") {
  std::vector<Point> points;
  for (int i = 0; i < 100000; ++i) points.push_back({i / 100.0, i == 55555 ? 7.0 : i == 66666 ? -9.0 : 1.0});
  points.insert(points.begin() + 50000, gap());
  const auto few = thinned(points);
  CHECK(few.size() < 2100);
  double low = 0;
  double high = 0;
  int gaps = 0;
  for (const auto& point : few) {
    gaps += is_gap(point) ? 1 : 0;
    low = std::fmin(low, point.y);
    high = std::fmax(high, point.y);
  }
  CHECK(low == -9);
  CHECK(high == 7);
  CHECK(gaps == 1);
}

TEST_CASE("paths") {
  const std::vector<Point> points{{0, 1}, {10, 2.25}, gap(), {30, 4}};
  CHECK(line_path(points) == "M0 1L10 2.2M30 4h0");
  CHECK(area_path(points, 9) == "M0 1L10 2.2L10 9L0 9ZM30 4L30 9L30 9Z");
  CHECK(line_path({}).empty());
  CHECK(dots_path(std::vector<Point>(50, {2, 4}), 10) == "M2 4h0");
  std::vector<Point> many;
  for (int i = 0; i < 5000; ++i) many.push_back({i * 0.2, std::fmod(i * 7.3, 200)});
  const auto path = dots_path(many, 300);
  CHECK(std::count(path.begin(), path.end(), 'M') <= 300);
}

TEST_CASE("axes have round numbers, and none that are missing") {
  const Axis axis{.low = -1.3, .high = 2.6};
  CHECK(round_values(axis, 4) == std::vector<double>{-1, 0, 1, 2});
  CHECK(round_values({.low = 1e-4, .high = 1e-1, .logarithmic = true}, 4).size() == 4);
  CHECK(axis.share(-5) == 0);
  CHECK(axis.share(5) == 1);
  CHECK(time_ticks(0, 86400, true).size() == 9);
  CHECK(time_ticks(1e9, 1e9 + 30, true).size() <= 9);
  CHECK(time_ticks(-1e9, 1e10, true).size() <= 9);
}

TEST_CASE("a route that is slower one way is told from one that is slow at times") {
  History history{.sources = {{.name = "back", .address = "192.0.2.1", .port = 123}}};
  for (int i = 0; i < 100; ++i) {
    const double extra = i % 3 == 0 ? 1e-3 * (i + 1) : 0;  // on the way back
    history.measured.push_back({.time = 1.0 * i, .offset = extra / 2, .delay = 0.01 + extra, .used = true});
  }
  const Period period{.begin = 0, .end = 100};
  const auto summary = summaries(history, period).front();
  CHECK(summary.late_responses > 20);
  CHECK(summary.late_requests == 0);
  CHECK(summary.least_delay == 0.01);
  CHECK(asymmetry_text(summary).contains("on the way back"));
  for (auto& point : history.measured) point.offset = -point.offset;
  CHECK(asymmetry_text(summaries(history, period).front()).contains("on the way there"));
}
