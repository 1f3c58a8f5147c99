// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/replay/words.hpp"

#include <string>
#include <vector>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using Lines = std::vector<std::string>;

TEST_CASE("each decision is a line of its own, with names and units") {
  const auto lines = ctl::words_of(
      R"({"commands":[{"command":"set_rate","frequency_ppm":1.5,"slew_ppm":-20,"duration_ns":16000000000}],)"
      R"("notes":[{"event":"selected_source","text":"Selected source 192.0.2.1"}],)"
      R"("verdicts":[{"source":1,"name":"192.0.2.1","state":"selected","reason":"best"},)"
      R"({"source":2,"state":"gone"}],"clock_update":3,"correction_s":0.25})");
  CHECK(lines == Lines{"clock: set_rate, frequency 1.5 ppm, slew -20 ppm, duration 16000000000 ns",
                       "Selected source 192.0.2.1", "192.0.2.1 is selected, best", "source 2 is gone",
                       "clock update 3", "correction 0.25 s"});
}

TEST_CASE("what is no object stays as it is") {
  CHECK(ctl::words_of("[1,2") == Lines{"[1,2"});
}

}  // namespace gnomon::testing
