// SPDX-License-Identifier: GPL-2.0-or-later
#include <cmath>

#include "daemon/core/metrics/samples.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::core::metrics;
using gnomon::ipc::MetricsFormat;

namespace {

constexpr Head delay{"gnomon_delay_seconds", Type::gauge, "seconds", "How long"};
constexpr Head steps{"gnomon_steps", Type::counter, "", "How many"};
constexpr Head build{"gnomon_build", Type::info, "", "What"};
constexpr Head state{"gnomon_state", Type::state_set, "", "Which"};

template <class Fill>
std::string text_of(const Head& head, MetricsFormat format, Fill fill) {
  std::string text;
  Samples samples{head, format, text};
  fill(samples);
  return text;
}

}  // namespace

TEST_CASE("a family is its head and its samples, in either format") {
  const auto fill = [](Samples& samples) {
    samples.add(0.25, {{"source", "a"}, {"port", ""}});
    samples.add(1.5e-9, {{"source", "b"}, {"port", "124"}});
  };
  CHECK(text_of(delay, MetricsFormat::openmetrics, fill) ==
        "# TYPE gnomon_delay_seconds gauge\n"
        "# UNIT gnomon_delay_seconds seconds\n"
        "# HELP gnomon_delay_seconds How long\n"
        "gnomon_delay_seconds{source=\"a\"} 0.25\n"
        "gnomon_delay_seconds{source=\"b\",port=\"124\"} 1.5e-09\n");
  CHECK(text_of(delay, MetricsFormat::prometheus, fill) ==
        "# TYPE gnomon_delay_seconds gauge\n"
        "# HELP gnomon_delay_seconds How long\n"
        "gnomon_delay_seconds{source=\"a\"} 0.25\n"
        "gnomon_delay_seconds{source=\"b\",port=\"124\"} 1.5e-09\n");
}

TEST_CASE("a counter ends in _total, its family does so only in the format of Prometheus") {
  const auto fill = [](Samples& samples) { samples.add(std::uint64_t{1} << 63U); };
  CHECK(
      text_of(steps, MetricsFormat::openmetrics, fill) ==
      "# TYPE gnomon_steps counter\n# HELP gnomon_steps How many\ngnomon_steps_total 9223372036854775808\n");
  CHECK(text_of(steps, MetricsFormat::prometheus, fill) ==
        "# TYPE gnomon_steps_total counter\n# HELP gnomon_steps_total How many\n"
        "gnomon_steps_total 9223372036854775808\n");
}

TEST_CASE("infos and state sets are gauges where there are no such types") {
  const auto fill_info = [](Samples& samples) { samples.add(1, {{"version", "1.0"}}); };
  CHECK(text_of(build, MetricsFormat::openmetrics, fill_info) ==
        "# TYPE gnomon_build info\n# HELP gnomon_build What\ngnomon_build_info{version=\"1.0\"} 1\n");
  CHECK(text_of(build, MetricsFormat::prometheus, fill_info) ==
        "# TYPE gnomon_build_info gauge\n# HELP gnomon_build_info What\ngnomon_build_info{version=\"1.0\"} "
        "1\n");
  const auto fill_states = [](Samples& samples) {
    constexpr std::array<std::string_view, 2> states{"good", "bad"};
    samples.add_states(states, "bad", {{"source", "a"}});
  };
  CHECK(text_of(state, MetricsFormat::openmetrics, fill_states) ==
        "# TYPE gnomon_state stateset\n# HELP gnomon_state Which\n"
        "gnomon_state{source=\"a\",gnomon_state=\"good\"} 0\n"
        "gnomon_state{source=\"a\",gnomon_state=\"bad\"} 1\n");
}

TEST_CASE("a family without samples is not mentioned, and a value that is no number is no sample") {
  CHECK(text_of(delay, MetricsFormat::openmetrics, [](Samples& samples) {
          samples.add(std::nan(""));
          samples.add(INFINITY);
        }).empty());
}

TEST_CASE("a hostile name stays within its quotes") {
  CHECK(escaped("ntp.example") == "ntp.example");
  CHECK(escaped("a\"} 1\n# EOF\n\\") == "a\\\"} 1\\n# EOF\\n\\\\");
  CHECK(escaped("\x1b[2J\x7f\r") == "?[2J??");
  CHECK(escaped("z\xc3\xbcrich") == "z\xc3\xbcrich");
  CHECK(escaped("\xf0\x9f\x95\x92") == "\xf0\x9f\x95\x92");
  CHECK(escaped("a\xffz") == "a?z");
  CHECK(escaped("cut \xe2\x82") == "cut ??");
  CHECK(escaped("\xed\xa0\x80") == "???");  // half of a pair
  CHECK(escaped("\xc0\xae") == "??");       // too long a form
}
