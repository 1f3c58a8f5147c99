// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/sample_filter.hpp"

#include <utility>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

Sample sample_of(double offset, double delay) {
  Sample sample;
  sample.offset = base::Seconds{offset};
  sample.delay = base::Seconds{delay};
  return sample;
}

}  // namespace

TEST_CASE("the filter takes the median offset of the half with the shorter delays") {
  SampleFilter filter(5);
  for (const auto& [offset, delay] : {std::pair{0.3, 0.010}, {0.1, 0.011}, {0.2, 0.012}, {9.0, 0.020}}) {
    filter.add(sample_of(offset, delay));
    CHECK_FALSE(filter.poll_over());
  }
  filter.add(sample_of(-9.0, 0.030));
  const auto taken = filter.poll_over();
  REQUIRE(taken);
  CHECK(taken->offset.count() == 0.2);
  CHECK(taken->delay.count() == 0.012);
}

TEST_CASE("a poll without an answer counts for the filter, a round without any gives nothing") {
  SampleFilter filter(3);
  filter.add(sample_of(0.5, 0.01));
  CHECK_FALSE(filter.poll_over());
  CHECK_FALSE(filter.poll_over());
  CHECK(filter.poll_over()->offset.count() == 0.5);
  for (int i = 0; i < 3; ++i) CHECK_FALSE(filter.poll_over());
}

TEST_CASE("without a filter every sample passes, and a stepped clock empties it") {
  SampleFilter none(0);
  none.add(sample_of(0.1, 0.01));
  CHECK(none.poll_over());
  SampleFilter two(2);
  two.add(sample_of(7, 0.001));
  CHECK_FALSE(two.poll_over());
  two.clear();
  two.add(sample_of(0.1, 0.01));
  CHECK_FALSE(two.poll_over());
  CHECK(two.poll_over()->offset.count() == 0.1);
}

TEST_CASE("of two samples the one with the shorter round trip is taken, and each round begins empty") {
  SampleFilter filter(2);
  filter.add(sample_of(0.1, 0.02));
  CHECK_FALSE(filter.poll_over());
  filter.add(sample_of(0.3, 0.01));
  CHECK(filter.poll_over()->offset.count() == 0.3);
  filter.add(sample_of(0.7, 0.05));
  CHECK_FALSE(filter.poll_over());
  CHECK(filter.poll_over()->offset.count() == 0.7);
}

}  // namespace gnomon::testing
