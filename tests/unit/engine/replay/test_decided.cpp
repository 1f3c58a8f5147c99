// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/replay/decided.hpp"

#include <chrono>
#include <string>

#include "base/raw_text.hpp"
#include "daemon/core/engine/replay/forms.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

TEST_CASE("where nothing is decided there is nothing to write") {
  const Timekeeper keeper{TimekeeperSettings{}};
  DecidedWriter writer{keeper};
  CHECK(writer.decided({}, keeper).empty());
}

TEST_CASE("commands, notes and what came of them have their names and units") {
  const Timekeeper keeper{TimekeeperSettings{}};
  DecidedWriter writer{keeper};
  InputResult result;
  result.decisions.commands = {SetRate{{1.5}, {-20}, std::chrono::seconds{1}},
                               StepClock{std::chrono::seconds{-1}}};
  result.decisions.notes.push_back({note::ClockStepped{base::Seconds{-1}}});
  result.decisions.correction = base::Seconds{0.25};
  result.decisions.give_up = true;
  CHECK(base::written_out(writer.decided(result, keeper).view(), replay::forms()) ==
        R"({"commands":[{"command":"set_rate","frequency_ppm":1.5,"slew_ppm":-20,"duration_ns":1000000000},)"
        R"({"command":"step","offset_ns":-1000000000}],)"
        R"("notes":[{"event":"clock_stepped","text":"System clock was stepped by -1.000000 seconds"}],)"
        R"("correction_s":0.25,"give_up":true})");
}

TEST_CASE("a verdict is told when it is another one than before") {
  Timekeeper keeper{TimekeeperSettings{}};
  DecidedWriter writer{keeper};
  SourceTraits traits{.id = base::SourceId{3}};
  traits.source.name = "192.0.2.3";
  keeper.add(traits);
  const base::Now now{base::RealTime{std::chrono::seconds{1'800'000'000}}, base::MonoTime{}};
  const auto first = hand_in(keeper, input::Tick{now});
  const auto decided = writer.decided(first, keeper);
  CHECK(decided.view().find(R"("verdicts":[{"source":3,"name":"192.0.2.3","state":"unselectable")") !=
        std::string::npos);
  CHECK(writer.decided({}, keeper).empty());
  static_cast<void>(hand_in(keeper, input::Remove{base::SourceId{3}}));
  const auto removed = hand_in(keeper, input::Tick{now});
  CHECK(writer.decided(removed, keeper).view().find(R"({"source":3,"state":"gone"})") != std::string::npos);
}

}  // namespace gnomon::testing
