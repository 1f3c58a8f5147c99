// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/refclock/shm_segment.hpp"

#include <array>
#include <cstring>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::refclock;
using namespace std::chrono_literals;

namespace {

// As a program of 64 bits has it.
struct Segment {
  int mode = 1;
  int count = 8;
  std::int64_t clock_sec = 1'700'000'001;
  int clock_usec = 500'000;
  std::int64_t receive_sec = 1'700'000'000;
  int receive_usec = 250'000;
  int leap = 1;
  int precision = -20;
  int nsamples = 0;
  int valid = 1;
  unsigned clock_nsec = 500'000'123;
  unsigned receive_nsec = 250'000'456;
  int spare[8] = {};

  [[nodiscard]] ShmLook look(ShmCounts counts = {.before = 8, .after = 8}) const {
    std::array<std::uint8_t, sizeof(Segment)> copy{};
    std::memcpy(copy.data(), this, sizeof *this);
    return look_at_shm(copy, shm_64, counts);
  }
};
static_assert(sizeof(Segment) == shm_64.size && offsetof(Segment, valid) == shm_valid_at(shm_64));

template <class T>
void put(std::array<std::uint8_t, 88>& into, std::size_t at, T value) {
  std::memcpy(&into.at(at), &value, sizeof value);
}

}  // namespace

TEST_CASE("A segment says when its clock showed what") {
  const auto look = Segment{}.look();
  REQUIRE(look.state == ShmState::reading);
  CHECK(look.reading.time == base::RealTime{1'700'000'000s + 250'000'456ns});
  CHECK(look.reading.offset == 1s + 250ms - 333ns);
  CHECK(look.reading.leap == base::LeapIndicator::insert);
  CHECK(look.reading.kind == ipc::RefclockKind::time);
}

TEST_CASE("Who knows microseconds alone may leave anything in place of nanoseconds") {
  Segment segment;
  segment.clock_nsec = 7;
  CHECK(segment.look().reading.offset == 1s + 250ms);  // the receive time has its own cut, too
  segment.receive_nsec = 0xffffffff;
  CHECK(segment.look().reading.offset == 1s + 250ms);
}

TEST_CASE("A reading counts while it is valid, and not while it is written") {
  Segment segment;
  CHECK(segment.look({.before = 8, .after = 9}).state == ShmState::changing);
  segment.valid = 0;
  CHECK(segment.look().state == ShmState::nothing_new);
  segment = {.mode = 0};  // by `valid` alone
  CHECK(segment.look({.before = 8, .after = 9}).state == ShmState::reading);
  segment = {.mode = 1, .count = 0};  // of a writer that never counts
  CHECK(segment.look({.before = 0, .after = 0}).state == ShmState::reading);
}

TEST_CASE("What makes no sense in a segment is left out") {
  CHECK(Segment{.mode = 2}.look().state == ShmState::unusable);
  CHECK(Segment{.mode = -1}.look().state == ShmState::unusable);
  CHECK(Segment{.clock_sec = -1}.look().state == ShmState::unusable);
  CHECK(Segment{.clock_sec = 1LL << 62}.look().state == ShmState::unusable);
  CHECK(Segment{.receive_sec = INT64_MIN}.look().state == ShmState::unusable);
  CHECK(Segment{.clock_usec = INT32_MIN}.look().state == ShmState::unusable);
  CHECK(Segment{.receive_usec = INT32_MAX, .receive_nsec = 0}.look().state == ShmState::unusable);
  CHECK(Segment{.leap = 99}.look().reading.leap == base::LeapIndicator::unsynchronised);
  CHECK(look_at_shm({}, shm_64, {}).state == ShmState::unusable);
}

TEST_CASE("Segments of programs of 32 bits are read as those have them") {
  CHECK(shm_layout_of(4096) == shm_64);
  CHECK(shm_layout_of(96) == shm_64);
  CHECK(shm_layout_of(88) == shm_32_time_64);
  CHECK(shm_layout_of(80) == shm_32);
  CHECK_FALSE(shm_layout_of(79));
  for (const auto& layout : {shm_32, shm_32_time_64}) {
    std::array<std::uint8_t, 88> copy{};
    put(copy, 0, 1);
    put(copy, 8, 1'700'000'001);  // the lower half of 64 bits
    put(copy, layout.clock_sec + layout.time_size, 5);
    put(copy, layout.receive_sec, 1'700'000'000);
    put(copy, layout.rest, 3);  // receive_usec
    put(copy, shm_valid_at(layout), 1);
    const auto look = look_at_shm(base::Bytes{copy}.first(layout.size), layout, {.before = 1, .after = 1});
    REQUIRE(look.state == ShmState::reading);
    CHECK(look.reading.time == base::RealTime{1'700'000'000s + 3us});
    CHECK(look.reading.offset == 1s + 2us);
  }
}
