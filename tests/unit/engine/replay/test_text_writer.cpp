// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/replay/text_writer.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "base/address.hpp"
#include "base/time.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/replay/round_trip.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace engine::replay;

TEST_CASE("every number comes back as it was") {
  using Limits = std::numeric_limits<double>;
  for (const double number : {0.0, -0.0, 0.1, 1.0 / 3, 1e-300, Limits::denorm_min(), Limits::max(), -1e22,
                              Limits::infinity(), -Limits::infinity()}) {
    const auto text = text_of(number);
    TextReader reader{text};
    double again = 1;
    REQUIRE(reader.take(again));
    CHECK(again == number);
    CHECK(std::signbit(again) == std::signbit(number));
  }
  CHECK(comes_back(Limits::quiet_NaN()));
  CHECK(comes_back(base::MonoTime::min()));
  CHECK(comes_back(std::uint64_t{0} - 1));
}

TEST_CASE("texts and addresses come back as they were") {
  CHECK(comes_back(std::string{"a \"quoted\" \\ text\nof\x01 two lines \xc3\xa4"}));
  CHECK(comes_back(base::IpAddress{}));
  CHECK(comes_back(base::parse_address("192.0.2.1").value()));
  CHECK(comes_back(base::parse_address("fe80::1%2").value()));
}

}  // namespace gnomon::testing
