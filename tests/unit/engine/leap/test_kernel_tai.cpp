// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/leap/kernel_tai.hpp"

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using base::LeapIndicator;

namespace {

ReportStatus status(std::int16_t tai_offset, LeapIndicator leap = LeapIndicator::none) {
  return {.leap = leap, .tai_offset = tai_offset};
}

}  // namespace

TEST_CASE("what the kernel is told of TAI is news once") {
  KernelTai kernel;
  CHECK_FALSE(kernel.told(status(0)));
  CHECK(kernel.told(status(37)) == 37);
  CHECK_FALSE(kernel.told(status(37)));
  CHECK_FALSE(kernel.told(status(0)));
  CHECK_FALSE(kernel.told(status(37)));
  CHECK(kernel.told(status(38)) == 38);
}

TEST_CASE("a leap second that the kernel makes changes TAI with it") {
  for (const auto& [leap, after] : {std::pair{LeapIndicator::insert, 34}, {LeapIndicator::remove, 32}}) {
    KernelTai kernel;
    CHECK(kernel.told(status(33)) == 33);
    CHECK_FALSE(kernel.told(status(33, leap)));
    CHECK_FALSE(kernel.told(status(static_cast<std::int16_t>(after))));
  }
  KernelTai kernel;
  CHECK_FALSE(kernel.told(status(0, LeapIndicator::insert)));
  CHECK(kernel.told(status(34)) == 34);  // it did not know what to add to
}

}  // namespace gnomon::testing
