// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/phc.hpp"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <vector>

#include "tests/unit/catch.hpp"

using namespace gnomon::base;
using namespace std::chrono_literals;

namespace {

constexpr RealTime start{1'700'000'000s};
constexpr Duration tai = 37s;

// `ahead`: of the PHC, TAI apart; the true time is in the middle.
PhcReading reading(Duration at, Duration width, Duration ahead) {
  const auto middle = start + at;
  return {middle - width / 2, middle + width / 2, middle.time_since_epoch() + tai + ahead};
}

}  // namespace

TEST_CASE("Of several readings of a PHC the short ones count") {
  const std::vector readings{reading(0us, 1000ns, 40ns), reading(10us, 900ns, 60ns),
                             reading(20us, 50us, 9000ns)};
  const auto offset = offset_of(readings, 100ns);
  REQUIRE(offset);
  CHECK(offset->total() == tai + 50ns);
  CHECK(offset->time == start + 5us);
  CHECK(offset->error.count() == Approx(450e-9));
}

TEST_CASE("An offset of years keeps its nanoseconds") {
  std::vector readings{reading(0us, 100ns, 0ns), reading(1us, 100ns, 1ns)};
  for (auto& one : readings)
    one.phc = one.phc - start.time_since_epoch();  // a PHC that counts from its reset
  const auto offset = offset_of(readings, 100ns);
  REQUIRE(offset);
  CHECK(offset->whole == tai - start.time_since_epoch());
  CHECK(offset->offset.count() == Approx(0.5e-9));
}

TEST_CASE("A reading during which the system clock was set back does not count") {
  const PhcReading backwards{start + 1s, start, start.time_since_epoch()};
  CHECK_FALSE(offset_of(std::vector{backwards}, 100ns));
  const auto offset = offset_of(std::vector{backwards, reading(0us, 1us, 7ns)}, 100ns);
  REQUIRE(offset);
  CHECK(offset->total() == tai + 7ns);
  CHECK_FALSE(offset_of({}, 100ns));
}

TEST_CASE("What is no PHC cannot be read as one") {
  const Fd null{open("/dev/null", O_RDWR | O_CLOEXEC)};
  std::array<PhcReading, 3> space{};
  for (const auto method : {PhcMethod::precise, PhcMethod::extended, PhcMethod::plain})
    CHECK(read_phc(null.get(), method, space).error().code == ENOTTY);
  CHECK(find_phc_method(null.get(), true).error().code == ENOTTY);
  CHECK(open_phc("/dev/null").error().code == ENOTTY);
  CHECK(open_phc("/dev/no-such-clock").error().code == ENOENT);
  CHECK_FALSE(open_phc("lo"));
  CHECK(phc_of_interface("a-name-that-is-far-too-long").error().code == ENODEV);
}
