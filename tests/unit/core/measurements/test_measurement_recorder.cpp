// SPDX-License-Identifier: GPL-2.0-or-later
// What is recorded of what the core's parts hand up: each measurement, each clock update, each change once.
#include "daemon/core/measurements/measurement_recorder.hpp"

#include <map>
#include <vector>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using engine::SourceState;

namespace {

struct SetClock final : base::Clock {
  [[nodiscard]] base::Now now() const override { return {base::RealTime{1000s}, base::MonoTime{10s}}; }
  [[nodiscard]] base::Duration asleep() const override { return {}; }
};

struct Recording {
  core::MeasurementRecorder::Settings settings() {
    return {.wander = 1e-6,
            .endpoint = [this](base::SourceId id) -> std::optional<base::Endpoint> {
              const auto found = endpoints.find(id);
              return found == endpoints.end() ? std::nullopt : std::optional{found->second};
            },
            .name = [](base::SourceId id) { return "source" + std::to_string(id.value); }};
  }
  // What came since the last call.
  std::vector<core::Recorded> news() {
    std::vector<core::Recorded> records;
    for (; seen < log.ring().next(); ++seen)
      if (const auto kept = log.ring().find(seen))
        records.push_back(core::decode_recorded(kept->fields).value());
    return records;
  }

  SetClock clock;
  std::vector<std::uint64_t> words = std::vector<std::uint64_t>(4096);
  core::MeasurementLog log{{reinterpret_cast<std::uint8_t*>(words.data()), words.size() * 8},
                           clock};  // NOLINT: octets
  std::map<base::SourceId, base::Endpoint> endpoints{{{1}, {base::parse_address("192.0.2.1").value(), 123}},
                                                     {{2}, {base::parse_address("192.0.2.2").value(), 123}}};
  std::uint64_t seen = 1;
  core::MeasurementRecorder recorder{log, settings()};
};

std::vector<engine::Verdict> verdicts(SourceState first, SourceState second) {
  return {{.source = {1}, .state = first}, {.source = {2}, .state = second}};
}

engine::TrackingReport synchronised() {
  return {.root_delay = base::Seconds{0.002},
          .root_dispersion = base::Seconds{0.003},
          .leap = base::LeapIndicator::none,
          .from_source = true};
}

template <class Kind>
Kind only(const std::vector<core::Recorded>& records) {
  REQUIRE(records.size() == 1);
  return std::get<Kind>(records.front());
}

}  // namespace

TEST_CASE("a start is recorded first") {
  Recording r;
  static_cast<void>(only<core::RecordedStart>(r.news()));
}

TEST_CASE("a measurement has its source, our sign, and the state that selection gave it") {
  Recording r;
  static_cast<void>(r.news());
  core::ClockEvents events;
  events.measured = core::SourceMeasurement{
      .source = {2}, .offset = base::Seconds{0.25}, .delay = base::Seconds{0.5}, .stratum = 3, .used = true};
  const auto now = verdicts(SourceState::selected, SourceState::combined);
  r.recorder.take(events, now);
  const auto measured = only<core::RecordedMeasurement>(r.news());
  CHECK(measured.source == core::RecordedSource{"source2", r.endpoints.at({2}).address, 123});
  CHECK(measured.offset == base::Seconds{-0.25});
  CHECK(measured.state == SourceState::combined);
  events.measured->source = {7};  // not here any more
  r.recorder.take(events, now);
  CHECK(r.news().empty());
}

TEST_CASE("a state is recorded when it changes, and when the source goes or moves") {
  Recording r;
  static_cast<void>(r.news());
  const core::ClockEvents decided{.decided = true};
  r.recorder.take(decided, verdicts(SourceState::selected, SourceState::combined));
  CHECK(r.news().size() == 2);
  r.recorder.take(decided, verdicts(SourceState::selected, SourceState::combined));
  CHECK(r.news().empty());
  r.recorder.take(decided, verdicts(SourceState::selected, SourceState::falseticker));
  CHECK(only<core::RecordedSelection>(r.news()).state == SourceState::falseticker);
  r.endpoints.at({1}).address = base::parse_address("192.0.2.77").value();
  r.recorder.take(decided, verdicts(SourceState::selected, SourceState::falseticker));
  const auto moved = r.news();
  REQUIRE(moved.size() == 2);
  CHECK_FALSE(std::get<core::RecordedSelection>(moved[0]).state);
  CHECK(std::get<core::RecordedSelection>(moved[1]).source.address == r.endpoints.at({1}).address);
  r.endpoints.erase({2});
  r.recorder.take(decided, verdicts(SourceState::selected, SourceState::falseticker));
  const auto gone = only<core::RecordedSelection>(r.news());
  CHECK(gone.source.name == "source2");
  CHECK_FALSE(gone.state);
}

TEST_CASE("an update is recorded with its commands, the end of synchronisation without a bound") {
  Recording r;
  static_cast<void>(r.news());
  r.recorder.look({}, 0);
  CHECK(r.news().empty());  // nothing has happened
  core::ClockEvents events;
  events.commands = {engine::StepClock{500ms}, engine::SetRate{{10}, {2}, 8s}, engine::ReportStatus{}};
  r.recorder.take(events, {});
  r.recorder.look(synchronised(), 1);
  const auto update = only<core::RecordedClock>(r.news());
  CHECK(update.updated);
  CHECK(update.error_bound == base::Seconds{static_cast<float>(0.004)});
  CHECK(update.step == base::Seconds{0.5});
  CHECK(update.slew_duration == base::Seconds{8});
  r.recorder.look(synchronised(), 1);
  CHECK(r.news().empty());
  events.commands = {engine::ReportStatus{}};
  r.recorder.take(events, {});
  r.recorder.look(synchronised(), 1);
  CHECK(r.news().empty());  // no command to the clock
  r.recorder.look({}, 1);
  const auto lost = only<core::RecordedClock>(r.news());
  CHECK_FALSE(lost.updated);
  CHECK_FALSE(lost.error_bound);
}

TEST_CASE("what an earlier process has left is there, and goes on") {
  Recording r;
  const core::MeasurementLog adopted{{reinterpret_cast<std::uint8_t*>(r.words.data()), r.words.size() * 8},
                                     r.clock};  // NOLINT: octets
  CHECK(adopted.ring().next() == r.log.ring().next());
  CHECK(core::decode_recorded(adopted.ring().find(1)->fields) == core::Recorded{core::RecordedStart{}});
}
