// SPDX-License-Identifier: GPL-2.0-or-later
// Whether a value is written as a form or as text, the line is the same: a record says nothing of which.
#include "daemon/core/engine/replay/forms.hpp"

#include <chrono>
#include <string>
#include <vector>

#include "base/raw_text.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/replay/round_trip.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

namespace {

const base::Now now{base::RealTime{1'800'000'000s}, base::MonoTime{1'000'000'007ns}};

Sample sample() {
  return {.time = now.real,
          .mono = now.mono,
          .offset = base::Seconds{-0.1},
          .delay = base::Seconds{1e-9},
          .dispersion = base::Seconds{3e-7},
          .stratum = {2},
          .reference_id = base::reference_id("NTSN"),
          .leap = base::LeapIndicator::insert,
          .authenticated = true,
          .local = base::parse_address("fe80::1%2").value(),
          .span = Span{now.real, now.real + 1s, base::Seconds{0.5}}};
}

std::string written(const base::RawText& raw) {
  return base::written_out(raw.view(), replay::forms()).value();
}

template <class T>
void check_input(const char* name, const T& value) {
  base::RawText line;
  REQUIRE(replay::append_input(line, value));
  CHECK(written(line) ==
        std::string{R"({"kind":"input","input":")"} + name + "\",\"value\":" + text_of(value));
}

}  // namespace

TEST_CASE("an input is the same as a form and as text") {
  check_input("update",
              input::Update{.source = {7}, .status = {.reach = 255}, .sample = sample(), .now = now});
  check_input(
      "update",
      input::Update{.source = {7},
                    .status = {.unreachable_too_long = true, .awaited_until = now.mono, .asked_often = true},
                    .now = now});
  auto plain = sample();
  plain.span.reset();
  plain.local = base::parse_address("192.0.2.1").value();
  check_input("update", input::Update{.source = {1}, .sample = plain, .now = now});
  check_input("tick", input::Tick{now});
  check_input("clock_changed", input::ClockChange{{now.real, -5e-6, -1s}, now});
}

TEST_CASE("what comes rarely has no form") {
  base::RawText line;
  CHECK_FALSE(replay::append_input(line, input::Remove{{3}}));
  CHECK_FALSE(replay::append_command(line, StepClock{1s}));
  CHECK(line.empty());
}

TEST_CASE("commands have their names and units") {
  base::RawText raw;
  REQUIRE(replay::append_command(raw, SetRate{{1.5}, {-20}, 1s}));
  REQUIRE(replay::append_command(raw, ReportStatus{base::LeapIndicator::none, 2s, 1s, 37}));
  replay::append_clock_update(raw, 3, {0.25});
  CHECK(written(raw) ==
        R"({"command":"set_rate","frequency_ppm":1.5,"slew_ppm":-20,"duration_ns":1000000000})"
        R"({"command":"report_status","leap":0,"max_error_ns":2000000000,"estimated_error_ns":1000000000,)"
        R"("tai_offset":37}"clock_update":3,"frequency_ppm":0.25)");
}

}  // namespace gnomon::testing
