// SPDX-License-Identifier: GPL-2.0-or-later
// The memory of events: bounded, numbered, handed on, and never believed.
#include "daemon/core/events/event_ring.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using core::EventRing;

namespace {

// Aligned as shared memory is.
struct Memory {
  explicit Memory(std::size_t size) : words(size / 8) {}
  [[nodiscard]] std::span<std::uint8_t> get() {
    return {reinterpret_cast<std::uint8_t*>(words.data()), words.size() * 8};  // NOLINT: octets of it
  }
  std::vector<std::uint64_t> words;
};

base::Now at(std::int64_t second) {
  return {base::RealTime{base::Duration{std::chrono::seconds{second}}},
          base::MonoTime{base::Duration{std::chrono::seconds{second}}}};
}

void add(EventRing& ring, const std::string& text) {
  // Of a damaged memory the next number may be any.
  ring.add(at(static_cast<std::int64_t>(ring.next() % 1'000'000)), base::as_bytes(text));
}

std::string text_of(const EventRing& ring, std::uint64_t sequence) {
  const auto event = ring.find(sequence);
  return event ? std::string{event->fields.begin(), event->fields.end()} : "-";
}

}  // namespace

TEST_CASE("events have numbers from one on, their time and their text") {
  Memory memory{4096};
  EventRing ring{memory.get()};
  CHECK(ring.oldest() == 1);
  CHECK(ring.next() == 1);
  CHECK_FALSE(ring.find(1));
  add(ring, "A=first\n");
  add(ring, "A=second one\n");
  CHECK(ring.oldest() == 1);
  CHECK(ring.next() == 3);
  CHECK(text_of(ring, 1) == "A=first\n");
  CHECK(text_of(ring, 2) == "A=second one\n");
  CHECK(ring.find(2)->at.real == at(2).real);
  CHECK(ring.find(2)->at.mono == at(2).mono);
  CHECK_FALSE(ring.find(0));
  CHECK_FALSE(ring.find(3));
}

TEST_CASE("the oldest make room, whatever the sizes are, and the rest is whole") {
  Memory memory{1024};
  EventRing ring{memory.get()};
  std::mt19937 random{7};
  for (int i = 1; i <= 2000; ++i) {
    add(ring, std::to_string(i) + std::string(random() % 300, 'x'));
    CHECK(ring.next() == static_cast<std::uint64_t>(i) + 1);
    CHECK(ring.oldest() <= static_cast<std::uint64_t>(i));
    for (auto each = ring.oldest(); each < ring.next(); ++each) {
      const auto number = std::to_string(each);
      const auto text = text_of(ring, each);
      REQUIRE(text.starts_with(number));
      REQUIRE(text.find_first_not_of('x', number.size()) == std::string::npos);
    }
  }
}

TEST_CASE("another process goes on where the one before ended") {
  Memory memory{2048};
  std::mt19937 random{3};
  std::uint64_t oldest = 1;
  for (int process = 0; process < 50; ++process) {
    EventRing ring{memory.get()};
    REQUIRE(ring.next() == static_cast<std::uint64_t>(process) * 5 + 1);
    REQUIRE(ring.oldest() == oldest);
    for (auto each = ring.oldest(); each < ring.next(); ++each)
      REQUIRE(text_of(ring, each).starts_with(std::to_string(each) + "x"));
    for (int i = 0; i < 5; ++i)
      add(ring, std::to_string(ring.next()) + "x" + std::string(random() % 100, 'x'));
    oldest = ring.oldest();
  }
}

TEST_CASE("what is not needed any more makes room, and its memory is used again") {
  for (const auto reader : {EventRing::Reader::later_process, EventRing::Reader::nobody_else}) {
    std::vector<std::uint8_t> memory(1U << 16U);
    EventRing ring{memory, reader};
    const std::vector<std::uint8_t> fields(100, 7);
    for (int i = 0; i < 10; ++i) ring.add({}, fields);
    const auto* const first = ring.find(1)->fields.data();
    ring.forget(4);
    CHECK(ring.oldest() == 5);
    CHECK_FALSE(ring.find(4));
    REQUIRE(ring.find(5));
    ring.forget(2);
    CHECK(ring.oldest() == 5);
    ring.forget(10);
    CHECK(ring.oldest() == ring.next());
    CHECK(ring.next() == 11);
    ring.add({}, fields);
    CHECK(ring.find(11)->fields.data() == first);
    CHECK(std::ranges::equal(ring.find(11)->fields, fields));
  }
}

TEST_CASE("a memory that nobody else reads says nothing of what is in it") {
  std::vector<std::uint8_t> memory(1U << 12U);
  EventRing ring{memory, EventRing::Reader::nobody_else};
  ring.add({}, std::vector<std::uint8_t>{1, 2, 3});
  CHECK(ring.find(1));
  CHECK(EventRing{memory}.next() == 1);
}

TEST_CASE(
    "a memory that nobody else reads has the last ones whole, wherever it begins again, and only those") {
  std::vector<std::uint8_t> memory(512);
  EventRing ring{memory, EventRing::Reader::nobody_else};
  std::size_t kept = 0;
  for (std::uint8_t i = 0; i < 200; ++i) {
    ring.add({}, std::vector<std::uint8_t>(std::size_t{1} + i % 60U, i));
    for (auto number = ring.oldest(); number < ring.next(); ++number) {
      const auto event = ring.find(number);
      REQUIRE(event);
      const auto value = static_cast<std::uint8_t>(number - 1);
      CHECK(
          std::ranges::equal(event->fields, std::vector<std::uint8_t>(std::size_t{1} + value % 60U, value)));
    }
    kept = std::max<std::size_t>(kept, ring.next() - ring.oldest());
  }
  CHECK(kept > 10);  // 33 octets each, and nothing beside them
}

TEST_CASE("one that is too large gets a number, and nothing keeps it") {
  Memory memory{512};
  EventRing ring{memory.get()};
  add(ring, "small");
  add(ring, std::string(1000, 'x'));
  CHECK(ring.next() == 3);
  CHECK_FALSE(ring.find(2));
  add(ring, "small again");
  CHECK(text_of(ring, 3) == "small again");
  EventRing without{{}};
  add(without, "x");
  CHECK(without.next() == 2);
  CHECK_FALSE(without.find(1));
}

TEST_CASE("memory that does not fit together is begun afresh, and never read beyond") {
  Memory whole{1024};
  {
    EventRing ring{whole.get()};
    for (int i = 0; i < 40; ++i) add(ring, std::string(static_cast<std::size_t>(i), 'x'));
  }
  std::mt19937 random{11};
  for (int round = 0; round < 20000; ++round) {
    auto damaged = whole;
    const auto octets = damaged.get();
    for (auto hits = random() % 4 + 1; hits > 0; --hits) {
      const auto where = random() % (round % 2 == 0 ? 64 : octets.size());
      octets[where] = static_cast<std::uint8_t>(random());
    }
    EventRing ring{octets};
    for (auto each = ring.oldest(); each < ring.next(); ++each)
      if (const auto event = ring.find(each)) REQUIRE(event->fields.size() <= octets.size());
    add(ring, "new");
    REQUIRE(text_of(ring, ring.next() - 1) == "new");
  }
}

TEST_CASE("a memory of another size or of noise holds nothing") {
  Memory memory{1024};
  {
    EventRing ring{memory.get()};
    add(ring, "x");
  }
  EventRing smaller{memory.get().first(512)};
  CHECK(smaller.oldest() == smaller.next());
  Memory noise{1024};
  std::mt19937 random{5};
  for (auto& word : noise.words) word = random();
  EventRing ring{noise.get()};
  CHECK(ring.next() == 1);
}
