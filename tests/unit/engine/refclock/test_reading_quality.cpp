// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/refclock/reading_quality.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;
using engine::ReadingQuality;
using namespace std::chrono_literals;

TEST_CASE("Readings that take longer than usual do not count, until that is the usual") {
  ReadingQuality quality;
  for (int i = 0; i < 64; ++i) CHECK(quality.accept(500ns + i % 3 * 10ns));
  CHECK_FALSE(quality.accept(600ns));
  CHECK(quality.accept(505ns));
  int accepted = 0;
  for (int i = 0; i < 64; ++i) accepted += quality.accept(2us) ? 1 : 0;
  CHECK(accepted > 4);
  CHECK(accepted < 12);
}

TEST_CASE("A clock that is read without any error is always as good") {
  ReadingQuality quality;
  for (int i = 0; i < 10; ++i) CHECK(quality.accept(0s));
}
