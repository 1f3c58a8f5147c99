// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/serving/transmit_memory.hpp"

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

constexpr base::NtpTimestamp at(std::uint64_t seconds, std::uint64_t fraction = 0) {
  return {(seconds << 32U) + fraction};
}

}  // namespace

TEST_CASE("what an answer was said to leave at is known until the kernel knows better") {
  TransmitMemory memory(64);
  CHECK_FALSE(memory.take_turn(at(1), at(10), at(10, 5)).previous);
  CHECK(memory.take_turn(at(10), at(20), at(20, 5)).previous == at(10, 5));
  memory.departed(at(20), at(20, 9));
  CHECK(memory.take_turn(at(20), at(30), at(30, 5)).previous == at(20, 9));
  CHECK(memory.take_turn(at(20), at(31), at(31, 5)).previous == at(20, 9));
}

TEST_CASE("no two answers give the same receive timestamp, and none leaves before it came") {
  TransmitMemory memory(64);
  CHECK(memory.take_turn(at(1), at(10), at(10)).receive == at(10));
  CHECK(memory.take_turn(at(1), at(10), at(10)).receive == at(10, 1));
  CHECK(memory.take_turn(at(1), at(10), at(10)).receive == at(10, 2));
  CHECK(memory.take_turn(at(10, 2), at(20), at(20)).previous == at(10, 2));
}

TEST_CASE("a departure before the arrival, or of an answer not remembered, changes nothing") {
  TransmitMemory memory(64);
  CHECK_FALSE(memory.take_turn(at(1), at(10), at(10, 5)).previous);
  memory.departed(at(10), at(9));
  memory.departed(at(11), at(12));
  CHECK(memory.take_turn(at(10), at(20), at(20)).previous == at(10, 5));
  CHECK_FALSE(memory.take_turn(at(11), at(21), at(21)).previous);
}

TEST_CASE("the memory is bounded and the oldest give way") {
  TransmitMemory memory(128);
  for (std::uint64_t i = 0; i < 1000; ++i)
    CHECK_FALSE(memory.take_turn(at(1), at(100 + i, 0x12345678 * (i + 1) & 0xffffffffU), at(2000)).previous);
  const auto extent = memory.extent();
  CHECK(extent.answers == 128);
  CHECK(extent.span.count() < 600);
  const auto newest = at(1099, 0x12345678ULL * 1000 & 0xffffffffU);
  CHECK(memory.take_turn(newest, at(3000), at(3000)).previous);
}

TEST_CASE("a clock that was set leaves nothing remembered") {
  TransmitMemory memory(64);
  CHECK_FALSE(memory.take_turn(at(1), at(10), at(10, 5)).previous);
  CHECK_FALSE(memory.take_turn(at(1), at(25), at(25, 5)).previous);
  CHECK(memory.extent().answers == 2);
  CHECK(memory.extent().span.count() == Approx(15));
  memory.clear();
  CHECK(memory.extent().answers == 0);
  CHECK_FALSE(memory.take_turn(at(10), at(20), at(20)).previous);
}

}  // namespace gnomon::testing
