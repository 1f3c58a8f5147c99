// SPDX-License-Identifier: GPL-2.0-or-later
// The command wait, with a daemon and a time that are played.
#include "ctl/wait_bound.hpp"

#include <algorithm>
#include <vector>

#include "tests/unit/catch.hpp"

using namespace gnomon::ctl;

namespace {

CallResult tracking(bool synchronised, double bound) {
  boost::json::object reply{{"synchronised", synchronised}, {"name", "a"}};
  if (synchronised) reply["error_bound"] = bound;
  return reply;
}

const CallResult nobody =
    std::unexpected(CallError{.fault = CallFault::no_socket, .detail = "No such file", .parameters = {}});

// One answer after the other; the last one for ever.
struct Play {
  std::vector<CallResult> answers;
  double time = 0;
  std::size_t asked = 0;

  std::expected<std::string, std::string> wait(const WaitBound& wanted) {
    return wait_for_bound(wanted, "/socket",
                          {.tracking = [this] { return answers.at(std::min(asked++, answers.size() - 1)); },
                           .explain = []() -> CallResult {
                             return boost::json::object{{"summary", "Nobody answers."},
                                                        {"remedy", "Check the cable."}};
                           },
                           .sleep = [this](auto pause) { time += pause.count(); },
                           .elapsed = [this] { return std::chrono::duration<double>{time}; }});
  }
};

}  // namespace

TEST_CASE("a wait goes on until the bound is as small as asked") {
  Play play{{nobody, tracking(false, 0), tracking(true, 0.5), tracking(true, 0.009)}};
  CHECK(play.wait({.max_error = 0.01}) == "Synchronised to a: the clock is at most 9.0 ms wrong.\n");
  CHECK(play.asked == 4);
  Play any{{tracking(true, 3)}};
  CHECK(any.wait({}).has_value());
}

TEST_CASE("a wait ends with its timeout, and says what was missing") {
  const WaitBound wanted{.max_error = 0.01, .timeout = std::chrono::duration<double>{5}};
  Play unsynchronised{{tracking(false, 0)}};
  CHECK(unsynchronised.wait(wanted).error() == "not reached within 5.0 s: Nobody answers. Check the cable.");
  CHECK(unsynchronised.time == Approx(5));
  Play far{{tracking(true, 0.5)}};
  CHECK(far.wait(wanted).error().find("may be wrong by 500.0 ms, and 10.0 ms was asked for") !=
        std::string::npos);
  Play gone{{nobody}};
  CHECK(gone.wait(wanted).error().find("cannot reach gnomond at /socket") != std::string::npos);
}
