// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/sample.hpp"

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

TEST_CASE("the root distance is both dispersions and half of both round trips") {
  Sample sample;
  CHECK(sample.root_distance().count() == 0);
  sample.root_dispersion = base::Seconds{1};
  CHECK(sample.root_distance().count() == 1);
  sample.dispersion = base::Seconds{2};
  CHECK(sample.root_distance().count() == 3);
  sample.root_delay = base::Seconds{8};
  CHECK(sample.root_distance().count() == 7);
  sample.delay = base::Seconds{16};
  CHECK(sample.root_distance().count() == 15);
  sample.offset = base::Seconds{-100};
  CHECK(sample.root_distance().count() == 15);
}

}  // namespace gnomon::testing
