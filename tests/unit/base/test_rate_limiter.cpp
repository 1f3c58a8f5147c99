// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/rate_limiter.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include "tests/unit/catch.hpp"

using namespace gnomon::base;
using namespace std::chrono_literals;

namespace {

IpAddress address(std::string_view text) {
  return parse_address(text).value_or(IpAddress{});
}

constexpr std::uint32_t no_luck = 0xffffffff;

int admitted(RateLimiter& limiter, const IpAddress& who, MonoTime when, int requests) {
  int count = 0;
  for (int i = 0; i < requests; ++i)
    if (limiter.admit(who, when, no_luck) == Admission::pass) ++count;
  return count;
}

}  // namespace

TEST_CASE("without a limit everything passes") {
  RateLimiter limiter;
  CHECK(admitted(limiter, address("192.0.2.1"), {}, 1000) == 1000);
}

TEST_CASE("a client may burst, then one request per interval") {
  RateLimiter limiter({{3}, 8, 2, 0}, 256, 5);
  const auto who = address("192.0.2.1");
  CHECK(admitted(limiter, who, MonoTime{1s}, 100) == 8);
  CHECK(admitted(limiter, who, MonoTime{9s}, 100) == 1);
  CHECK(admitted(limiter, who, MonoTime{1000s}, 100) == 8);
  CHECK(admitted(limiter, address("192.0.2.2"), MonoTime{1s}, 100) == 8);
}

TEST_CASE("an IPv6 network of 64 bits has sixteen limits, a host of it one") {
  RateLimiter limiter({{3}, 8, 2, 0}, 4096, 5);
  const auto host = [](const std::string& network, int number) {
    return address(network + "::" + std::to_string(number));
  };
  const auto all_of = [&](const std::string& network) {
    int count = 0;
    for (int i = 1; i < 3000; ++i) count += admitted(limiter, host(network, i), {}, 3);
    return count;
  };
  CHECK(admitted(limiter, host("2001:db8", 1), {}, 100) == 8);
  CHECK(admitted(limiter, host("2001:db8", 1), {}, 100) == 0);
  CHECK(all_of("2001:db8") == 15 * 8);
  CHECK(all_of("2001:db8:0:1") == 16 * 8);
}

TEST_CASE("the hosts of an IPv6 network are not refused for each other's requests as long as they are few") {
  RateLimiter limiter({{1}, 16, 2, 0}, 4096, 5);
  int count = 0;
  for (int i = 1; i <= 30; ++i) count += admitted(limiter, address("2001:db8::" + std::to_string(i)), {}, 4);
  CHECK(count > 110);
}

TEST_CASE("whoever takes all addresses of an IPv6 network takes no room from others") {
  RateLimiter limiter({{10}, 8, 2, 0}, 4096, 5);
  const auto victim = address("192.0.2.1");
  CHECK(admitted(limiter, victim, {}, 8) == 8);
  for (int i = 1; i < 9999; ++i)
    static_cast<void>(limiter.admit(address("2001:db8::" + std::to_string(i)), {}, no_luck));
  CHECK(admitted(limiter, victim, {}, 8) == 0);
}

TEST_CASE("a quarter of the excess leaks through with leak 2, half of the rest is kissed with kod 1") {
  RateLimiter limiter({{10}, 1, 2, 1}, 256, 5);
  const auto who = address("192.0.2.1");
  static_cast<void>(limiter.admit(who, {}, 0));
  int passed = 0;
  int kissed = 0;
  for (std::uint32_t i = 0; i < 16; ++i) {
    const auto admission = limiter.admit(who, {}, (i & 3U) | ((i >> 2U) << 16U));
    passed += admission == Admission::pass ? 1 : 0;
    kissed += admission == Admission::kiss ? 1 : 0;
  }
  CHECK(passed == 4);
  CHECK(kissed == 6);
}

TEST_CASE("a request that leaks through uses up what has come together for the next token") {
  RateLimiter limiter({{3}, 1, 2, 0}, 256, 5);
  const auto who = address("192.0.2.1");
  constexpr std::uint32_t luck = 0;
  CHECK(limiter.admit(who, MonoTime{0s}, no_luck) == Admission::pass);
  CHECK(limiter.admit(who, MonoTime{6s}, luck) == Admission::pass);
  CHECK(limiter.admit(who, MonoTime{9s}, no_luck) == Admission::drop);
  CHECK(limiter.admit(who, MonoTime{14s}, no_luck) == Admission::pass);
}

TEST_CASE("a full table forgets the client seen longest ago and never grows") {
  RateLimiter limiter({{10}, 1, 0, 0}, 4, 5);
  for (int i = 1; i <= 5; ++i)
    CHECK(admitted(limiter, address("192.0.2." + std::to_string(i)), MonoTime{std::chrono::seconds(i)}, 1) ==
          1);
  CHECK(admitted(limiter, address("192.0.2.5"), MonoTime{6s}, 1) == 0);
  CHECK(admitted(limiter, address("192.0.2.1"), MonoTime{7s}, 1) == 1);
}

TEST_CASE("several threads that ask for one client at once get what one would") {
  RateLimiter limiter({{10}, 8, 0, 0}, 256, 5);
  const auto who = address("192.0.2.1");
  std::atomic<int> passed{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] { passed += admitted(limiter, who, MonoTime{1s}, 10000); });
  }
  CHECK(passed == 8);
}

TEST_CASE("who has not been seen for very long has its burst again, whatever the interval") {
  for (const auto interval : {std::int8_t{-19}, std::int8_t{0}, std::int8_t{12}}) {
    RateLimiter limiter({{interval}, 8, 0, 0}, 256, 5);
    const auto who = address("192.0.2.1");
    for (const auto when : {0h, 10h, 10000h, 20000h}) {
      INFO(int{interval} << ' ' << when.count());
      CHECK(admitted(limiter, who, MonoTime{when}, 100) == 8);
    }
  }
}

TEST_CASE("limiters that share their slots share the limit") {
  std::vector<RateLimiter::Slot> slots(256);
  RateLimiter first({{3}, 8, 2, 0}, slots, 5);
  RateLimiter second({{3}, 8, 2, 0}, slots, 5);
  const auto who = address("192.0.2.1");
  CHECK(admitted(first, who, MonoTime{1s}, 5) == 5);
  CHECK(admitted(second, who, MonoTime{1s}, 100) == 3);
  CHECK(admitted(first, who, MonoTime{1s}, 100) == 0);
  CHECK(admitted(first, address("192.0.2.2"), MonoTime{1s}, 100) == 8);
}
