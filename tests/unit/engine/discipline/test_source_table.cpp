// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/source_table.hpp"

#include <algorithm>
#include <chrono>

#include "tests/unit/catch.hpp"
#include "tests/unit/engine/discipline/hand.hpp"

namespace gnomon::testing {

namespace {

constexpr base::RealTime start{1'800'000'000s};
constexpr base::MonoTime boot{1000s};
constexpr base::SourceId first{1};
constexpr base::SourceId second{2};
constexpr base::SourceId third{3};

// A table of sources on a clock that nobody touches.
struct Bench {
  explicit Bench(const TimekeeperSettings& settings = {}) : table(settings) {}

  void add(base::SourceId id, const config::Source& options = {}) {
    table.add({id, options, *base::parse_address("192.0.2.1"), false});
    static_cast<void>(table.set_status(id, {.reach = 0xff}));
  }
  void pass(base::Duration time) { passed += time; }
  void observe(base::SourceId id, double offset, base::LeapIndicator leap = base::LeapIndicator::none) {
    Sample s = sample(now(), offset);
    s.leap = leap;
    if (auto note = table.observe(id, s, timescale, 0)) notes.push_back(*note);
  }
  // Both say the same for long enough.
  void settle(const std::vector<base::SourceId>& ids) {
    for (int i = 0; i < 4; ++i) {
      pass(16s);
      for (const auto id : ids) observe(id, 0.25);
    }
    select();
  }
  void select(std::optional<base::SourceId> updated = {}) {
    const ClockMoment clock{.now = now(), .local = LocalTime{passed}};
    for (auto& note : table.select(updated, clock, {})) notes.push_back(std::move(note));
  }
  [[nodiscard]] base::Now now() const { return {start + passed, boot + passed}; }
  template <class Subject>
  [[nodiscard]] bool noted() const {
    return std::ranges::any_of(notes, is_about<Subject>);
  }

  SourceTable table;
  Timescale timescale{start};
  base::Duration passed{};
  std::vector<Note> notes;
};

}  // namespace

TEST_CASE("sources that agree are selected, and say together what the clock is off by") {
  Bench bench;
  bench.add(first);
  bench.add(second);
  CHECK(bench.table.selected() == nullptr);
  CHECK_FALSE(bench.table.combined(LocalTime{}));
  bench.settle({first, second});
  REQUIRE(bench.table.selected() != nullptr);
  CHECK(bench.noted<note::SelectedSource>());
  CHECK(bench.table.verdicts().size() == 2);
  const auto combined = bench.table.combined(LocalTime{bench.passed});
  REQUIRE(combined);
  CHECK(base::to_seconds(combined->theta).count() == Approx(0.25).margin(1e-4));
  CHECK(combined->sources == 2);
  CHECK(combined->has_frequency);
}

TEST_CASE("samples that a clock update has used are not news any more") {
  Bench bench;
  bench.add(first);
  bench.settle({first});
  CHECK(bench.table.selected()->fresh == 4);
  bench.table.use_samples();
  CHECK(bench.table.selected()->fresh == 0);
  bench.observe(first, 0.25);
  CHECK(bench.table.selected()->fresh == 1);
}

TEST_CASE("the leap second is what most of the sources that agree say") {
  Bench bench;
  for (const auto id : {first, second, third}) bench.add(id);
  bench.settle({first, second, third});
  CHECK(bench.table.leap() == base::LeapIndicator::none);
  bench.pass(16s);
  for (const auto id : {first, second}) bench.observe(id, 0.25, base::LeapIndicator::insert);
  CHECK(bench.table.leap() == base::LeapIndicator::insert);
}

TEST_CASE(
    "another address, or other trust in a source, begins its samples from the start; other options do not") {
  Bench bench;
  bench.add(first);
  bench.settle({first});
  bench.table.set_address(first, *base::parse_address("192.0.2.1"));
  bench.table.set_provisional(first, false);
  bench.table.reconfigure(first, {});
  CHECK(bench.table.find(first)->record.estimate());
  CHECK(bench.table.verdicts().front().reason == Reason::best);
  bench.table.set_address(first, *base::parse_address("192.0.2.2"));
  CHECK_FALSE(bench.table.find(first)->record.estimate());
  CHECK(bench.table.verdicts().front().reason == Reason::missing_samples);
  bench.settle({first});
  bench.table.set_provisional(first, true);
  CHECK_FALSE(bench.table.find(first)->record.estimate());
}

TEST_CASE("an option holds at once; that a source has no samples is said until it is measured") {
  Bench bench;
  bench.add(first);
  bench.select();
  REQUIRE(bench.table.verdicts().front().reason == Reason::missing_samples);
  config::Source changed;
  changed.no_select = true;
  bench.table.reconfigure(first, changed);
  bench.select();
  CHECK(bench.table.verdicts().front().reason == Reason::missing_samples);
  CHECK(bench.table.verdicts().front().effective.no_select);
  bench.observe(first, 0.25);
  bench.select(first);
  CHECK(bench.table.verdicts().front().reason == Reason::no_select);
}

TEST_CASE("who is removed is not selected and has no verdict") {
  Bench bench;
  bench.add(first);
  bench.settle({first});
  bench.table.remove(first);
  CHECK(bench.table.selected() == nullptr);
  CHECK(bench.table.verdicts().empty());
  CHECK(bench.table.find(first) == nullptr);
}

TEST_CASE("a status that selection does not see is no change") {
  Bench bench;
  bench.add(first);
  CHECK_FALSE(bench.table.set_status(first, {.reach = 0xff}));
  CHECK(bench.table.set_status(first, {.reach = 0xff, .awaited_until = boot + 9s}));
  CHECK(bench.table.set_status(first, {.reach = 0xfe}));
  bench.settle({first});
  // Once somebody is selected nobody is waited for.
  CHECK_FALSE(bench.table.set_status(first, {.reach = 0xfe, .awaited_until = bench.now().mono + 9s}));
}

TEST_CASE("a first correction waits for a source that may still come, until the first one is given up") {
  Bench bench;
  bench.add(first);
  const auto until = boot + 66s;
  bench.table.await(second, until);
  bench.table.await(third, until + 4s);
  bench.settle({first});
  CHECK(bench.table.selected() == nullptr);
  CHECK(bench.table.waits_until() == until);
  bench.table.await(second, std::nullopt);
  bench.select();
  CHECK(bench.table.waits_until() == until + 4s);
  bench.pass(6s);
  bench.select();
  CHECK(bench.table.selected() != nullptr);
  CHECK_FALSE(bench.table.waits_until());
}

TEST_CASE("a first correction waits for 8 s at most, and as long again once all samples are gone") {
  Bench bench;
  bench.add(first);
  for (int i = 0; i < 2; ++i) {
    bench.table.await(second, bench.now().mono + 100s);
    bench.settle({first});
    CHECK(bench.table.selected() == nullptr);
    CHECK(bench.table.waits_until() == bench.now().mono + 8s);
    bench.pass(7s);
    bench.select();
    CHECK(bench.table.selected() == nullptr);
    bench.pass(1s);
    bench.select();
    CHECK(bench.table.selected() != nullptr);
    bench.table.forget_selected();
    bench.table.drop_samples({});
  }
}

TEST_CASE("a first correction does not wait for a source whose samples take longer") {
  Bench bench;
  bench.add(first);
  bench.add(second);
  const auto ready = GENERATE(72s, 73s);
  static_cast<void>(bench.table.set_status(second, {.awaited_until = boot + 100s, .ready_at = boot + ready}));
  bench.settle({first});
  CHECK((bench.table.selected() == nullptr) == (ready == 72s));
}

TEST_CASE("who sets the clock once needs two samples of each of several sources") {
  TimekeeperSettings once;
  once.one_shot = true;
  Bench bench(once);
  bench.add(first);
  bench.add(second);
  for (int i = 0; i < 2; ++i) {
    bench.pass(2s);
    bench.observe(first, 0.25);
    bench.observe(second, 0.25);
    bench.select();
    CHECK((bench.table.selected() != nullptr) == (i == 1));
  }
}

TEST_CASE("what is restored counts until the first sample belies it") {
  const auto dropped = [](double offset) {
    Bench bench;
    bench.add(first);
    Dump dump{.name = "192.0.2.1", .reach = 0377, .stratum = 2};
    for (int i = 8; i > 0; --i)
      dump.samples.push_back({.time = start - i * 64s,
                              .offset = base::Seconds{-0.25},
                              .measured = base::Seconds{-0.25},
                              .delay = base::Seconds{1e-3},
                              .root_delay = base::Seconds{2e-3}});
    bench.table.restore(first, dump, {start, boot, 0});
    CHECK(bench.table.find(first)->status.reach == 0377);
    bench.select();
    CHECK(bench.table.selected() != nullptr);
    bench.pass(10s);
    bench.observe(first, offset);
    return bench.noted<note::HistoryDropped>();
  };
  CHECK_FALSE(dropped(0.25));
  CHECK(dropped(0.5));
}

TEST_CASE("all samples can be dropped, and selection be made as if for the first time") {
  Bench bench;
  bench.add(first);
  bench.settle({first});
  bench.notes.clear();
  bench.table.apply(SelectAnew{});
  CHECK(bench.table.selected() == nullptr);
  bench.select();
  CHECK(bench.noted<note::SelectedSource>());
  bench.table.drop_samples({});
  bench.table.forget_selected();
  bench.notes.clear();
  bench.select();
  CHECK(bench.table.selected() == nullptr);
  CHECK(bench.notes.empty());
}

TEST_CASE("a source is advised by how long our clock is known") {
  Bench bench;
  bench.add(first);
  bench.settle({first});
  bench.table.advise(first, boot, 1e-12);
  const auto early = bench.table.find(first)->advice;
  REQUIRE(early);
  CHECK(early->best <= 6);
}

TEST_CASE("how old the last sample was is of the selection that a sample led to") {
  Bench bench;
  bench.add(first);
  bench.settle({first});
  bench.pass(16s);
  bench.observe(first, 0.25);
  bench.pass(1s);
  bench.select(first);
  CHECK(bench.table.verdicts()[0].evidence.age == 1s);
  bench.pass(20s);
  bench.select();
  CHECK(bench.table.verdicts()[0].evidence.age == 1s);
}

}  // namespace gnomon::testing
