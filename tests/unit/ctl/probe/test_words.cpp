// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/probe/words.hpp"

#include <limits>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using ctl::probe::length_text;

TEST_CASE("a length of time has three digits and the unit that suits it") {
  const auto text = [](double seconds) { return length_text(base::Seconds{seconds}); };
  CHECK(text(0) == "0 ns");
  CHECK(text(250e-9) == "250 ns");
  CHECK(text(1.234e-6) == "1.23 us");
  CHECK(text(-0.0234) == "23.4 ms");
  CHECK(text(12.34) == "12.3 s");
  CHECK(text(5400) == "1.5 hours");
  CHECK(text(2 * 86400) == "2.0 days");
  CHECK(text(std::numeric_limits<double>::infinity()) == "?");
}

TEST_CASE("no length is written with an exponent") {
  const auto text = [](double seconds) { return length_text(base::Seconds{seconds}); };
  CHECK(text(999.7e-9) == "1 us");
  CHECK(text(999.7e-6) == "1 ms");
  CHECK(text(0.9997) == "1 s");
  CHECK(text(999.7) == "1000 s");
  CHECK(text(1234) == "1234 s");
}
