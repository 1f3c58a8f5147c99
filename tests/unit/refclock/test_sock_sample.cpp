// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/refclock/sock_sample.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::refclock;
using namespace std::chrono_literals;

namespace {

template <class Word>
struct Sample {
  Word sec = 1'700'000'000;
  Word usec = 250'000;
  double offset = 0.125;
  int pulse = 0;
  int leap = 0;
  int padding = 0x55;
  int magic = sock_magic;

  [[nodiscard]] auto parsed(std::size_t size = sizeof(Sample)) const {
    base::Buffer datagram(size);
    const auto octets = base::Bytes{reinterpret_cast<const std::uint8_t*>(this), sizeof *this};
    std::ranges::copy(octets.first(std::min(size, octets.size())), datagram.begin());
    return parse_sock_sample(datagram);
  }
};
using Wide = Sample<std::int64_t>;
using Narrow = Sample<std::int32_t>;
static_assert(sizeof(Wide) == sock_sample_size && sizeof(Narrow) == sock_sample_size_32);

}  // namespace

TEST_CASE("Samples come with times of 64 and of 32 bits") {
  for (const auto& reading : {Wide{}.parsed(), Narrow{}.parsed()}) {
    REQUIRE(reading);
    CHECK(reading->time == base::RealTime{1'700'000'000s + 250ms});
    CHECK(reading->offset == 125ms);
    CHECK(reading->kind == ipc::RefclockKind::time);
    CHECK(reading->leap == base::LeapIndicator::none);
  }
  CHECK(Wide{.pulse = 1}.parsed()->kind == ipc::RefclockKind::pulse);
  CHECK(Wide{.leap = 2}.parsed()->leap == base::LeapIndicator::remove);
  CHECK(Wide{.leap = -7}.parsed()->leap == base::LeapIndicator::unsynchronised);
}

TEST_CASE("What is no sample is refused") {
  CHECK(Wide{}.parsed(0).error() == SockFault::size);
  CHECK(Wide{}.parsed(39).error() == SockFault::size);
  CHECK(Wide{}.parsed(41).error() == SockFault::size);
  CHECK(Wide{.magic = 0x4b434f53}.parsed().error() == SockFault::magic);
  CHECK(Narrow{.magic = 0}.parsed().error() == SockFault::magic);
  CHECK(Wide{.sec = -1}.parsed().error() == SockFault::time);
  CHECK(Wide{.sec = std::numeric_limits<std::int64_t>::max()}.parsed().error() == SockFault::time);
  CHECK(Wide{.usec = std::numeric_limits<std::int64_t>::min()}.parsed().error() == SockFault::time);
  CHECK(Narrow{.usec = std::numeric_limits<std::int32_t>::max()}.parsed().error() == SockFault::time);
  using limits = std::numeric_limits<double>;
  for (const double offset : {limits::quiet_NaN(), limits::infinity(), -limits::infinity(), 1e300, -5e9})
    CHECK(Wide{.offset = offset}.parsed().error() == SockFault::offset);
}
