// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/rate_limiter.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;
using ntske::RateLimiter;
using std::chrono::seconds;

namespace {

constexpr std::uint32_t no_leak = 1;
constexpr std::uint32_t leak = 16;

base::IpAddress address(std::uint32_t number) {
  const std::array<std::uint8_t, 4> octets{10, static_cast<std::uint8_t>(number >> 16U),
                                           static_cast<std::uint8_t>(number >> 8U),
                                           static_cast<std::uint8_t>(number)};
  return base::from_octets(octets);
}

}  // namespace

TEST_CASE("an address has its burst, then one session per interval") {
  RateLimiter limiter{3, 2, 4};
  base::MonoTime now{seconds{100}};
  CHECK(limiter.admits(address(1), now, no_leak));
  CHECK(limiter.admits(address(1), now, no_leak));
  CHECK_FALSE(limiter.admits(address(1), now, no_leak));
  now += seconds{7};
  CHECK_FALSE(limiter.admits(address(1), now, no_leak));
  now += seconds{1};
  CHECK(limiter.admits(address(1), now, no_leak));
  CHECK_FALSE(limiter.admits(address(1), now, no_leak));
}

TEST_CASE("rest does not save up more than the burst") {
  RateLimiter limiter{0, 2, 4};
  base::MonoTime now{seconds{100}};
  CHECK(limiter.admits(address(1), now, no_leak));
  now += seconds{1000};
  CHECK(limiter.admits(address(1), now, no_leak));
  CHECK(limiter.admits(address(1), now, no_leak));
  CHECK_FALSE(limiter.admits(address(1), now, no_leak));
}

TEST_CASE("one in 2^leak gets through all the same") {
  RateLimiter limiter{10, 1, 4};
  const base::MonoTime now{seconds{100}};
  CHECK(limiter.admits(address(1), now, no_leak));
  CHECK_FALSE(limiter.admits(address(1), now, no_leak));
  CHECK(limiter.admits(address(1), now, leak));
}

TEST_CASE("addresses do not pay for each other") {
  RateLimiter limiter{10, 1, 4};
  const base::MonoTime now{seconds{100}};
  CHECK(limiter.admits(address(1), now, no_leak));
  CHECK(limiter.admits(address(2), now, no_leak));
}

TEST_CASE("the table is bounded and forgets the address not seen for longest") {
  RateLimiter limiter{10, 1, 4};
  base::MonoTime now{seconds{100}};
  for (std::uint32_t i = 0; i <= RateLimiter::capacity; ++i) {
    now += seconds{1};
    CHECK(limiter.admits(address(i), now, no_leak));
  }
  CHECK(limiter.size() == RateLimiter::capacity);
  CHECK(limiter.admits(address(0), now, no_leak));
  CHECK_FALSE(limiter.admits(address(RateLimiter::capacity), now, no_leak));
}
