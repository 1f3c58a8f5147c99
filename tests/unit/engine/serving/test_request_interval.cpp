// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/serving/request_interval.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon::engine::request_interval;

namespace {

std::int8_t after(int requests, std::uint32_t ticks, std::int8_t average = unknown) {
  for (int i = 0; i < requests; ++i) average = average_with(average, ticks);
  return average;
}

}  // namespace

TEST_CASE("an interval is rounded to whole steps of log2 seconds") {
  CHECK(log2_seconds(after(1, 16)) == 0);
  CHECK(log2_seconds(after(1, 21)) == 0);
  CHECK(log2_seconds(after(1, 22)) == 1);
  CHECK(log2_seconds(after(1, 64 * 16)) == 6);
  CHECK(log2_seconds(after(1, 4)) == -2);
  CHECK(log2_seconds(after(1, 1)) == -4);
}

TEST_CASE("requests within a tick, and those years apart, stay within the octet") {
  CHECK(log2_seconds(after(1, 0)) == -5);
  CHECK(log2_seconds(after(1000, 0)) == -5);
  CHECK(log2_seconds(after(1, UINT32_MAX)) == 14);
  CHECK(log2_seconds(after(1000, UINT32_MAX, after(1000, 0))) == 14);
}

TEST_CASE("no interval yet is none") {
  CHECK(log2_seconds(unknown) == std::nullopt);
}

TEST_CASE("a burst moves the average by a quarter of a step a request, a pause by half the way") {
  const auto regular = after(10, 64 * 16);
  CHECK(log2_seconds(after(1, 16, regular)) == 6);
  CHECK(log2_seconds(after(8, 16, regular)) == 4);
  CHECK(log2_seconds(after(24, 16, regular)) == 0);
  const auto burst = after(10, 16);
  CHECK(log2_seconds(after(1, 64 * 16, burst)) == 4);  // two steps and a half behind at most
  CHECK(log2_seconds(after(2, 64 * 16, burst)) == 5);
  CHECK(log2_seconds(after(5, 64 * 16, burst)) == 6);
}
