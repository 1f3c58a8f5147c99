// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/text/amount.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::engine;
using namespace std::chrono_literals;
using gnomon::base::Seconds;

TEST_CASE("amounts are in the unit that suits them") {
  CHECK(amount(Seconds{0}) == "0 ns");
  CHECK(amount(Seconds{999.4e-9}) == "999 ns");
  CHECK(amount(Seconds{999.6e-9}) == "1 us");
  CHECK(amount(Seconds{-0.0015}) == "1.5 ms");
  CHECK(amount(Seconds{0.9996}) == "1.000 s");
  CHECK(signed_amount(Seconds{-0.0015}) == "-1.5 ms");
  CHECK(signed_amount(Seconds{2}) == "+2.000 s");
  CHECK(amount(Seconds{7199}) == "7199.000 s");
  CHECK(amount(Seconds{7200}) == "2.00 hours");
  CHECK(signed_amount(Seconds{-3.5 * 86400}) == "-3.50 days");
  CHECK(signed_amount(Seconds{315'569'520}) == "+10.00 years");
}

TEST_CASE("ages are in whole units, never negative") {
  CHECK(age_text(12s) == "12 s");
  CHECK(age_text(-5s) == "0 s");
  CHECK(age_text(10min) == "10 min");
  CHECK(age_text(5h) == "5 h");
  CHECK(age_text(96h) == "4 days");
}
