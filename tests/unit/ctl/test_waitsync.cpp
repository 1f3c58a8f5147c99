// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "ctl/command_line.hpp"
#include "ctl/waitsync.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::ctl;

namespace {

boost::json::object tracking(std::int64_t reference, double correction, double skew) {
  return {{"reference_id", reference}, {"address", nullptr}, {"system_time", correction}, {"skew", skew}};
}

// A daemon that gives one answer after the other; the last one for ever.
struct Play {
  std::vector<CallResult> answers;
  std::vector<std::string> lines{};
  double slept = 0;
  std::size_t asked = 0;

  bool wait(const WaitSync& wanted) {
    return wait_until_synchronised(
        wanted, "/socket",
        {.tracking = [this] { return answers.at(std::min(asked++, answers.size() - 1)); },
         .sleep = [this](auto pause) { slept += pause.count(); },
         .print = [this](const std::string& line) { lines.push_back(line); }});
  }
};

const CallResult unsynchronised = tracking(0, 0, 0);
const CallResult local = tracking(0x7f7f0101, 0, 0);
const CallResult far = tracking(0x7f000002, -0.5, 1);
const CallResult near = tracking(0x7f000002, -0.000001045, 0.0541);

}  // namespace

TEST_CASE("waitsync ends when the clock follows a source, and says at each try how far it is") {
  Play play{{unsynchronised, near}};
  CHECK(play.wait({}));
  REQUIRE(play.lines.size() == 2);
  CHECK(play.lines[0] == "try: 1, refid: 00000000, correction: 0.000000000, skew: 0.000\n");
  CHECK(play.lines[1] == "try: 2, refid: 7F000002, correction: 0.000001045, skew: 0.054\n");
  CHECK(play.slept == 10);
}

TEST_CASE("our own clock is no source to wait for, and the number of tries is kept") {
  Play play{{local}};
  CHECK_FALSE(play.wait({.max_tries = 3, .interval = std::chrono::seconds{2}}));
  CHECK(play.asked == 3);
  CHECK(play.slept == 4);
}

TEST_CASE("a correction or skew above the limit is waited for, on either side of zero") {
  Play correction{{far, near}};
  CHECK(correction.wait({.max_correction = 0.1}));
  CHECK(correction.asked == 2);
  Play skew{{far, near}};
  CHECK(skew.wait({.max_skew = 0.1}));
  CHECK(skew.asked == 2);
  Play any{{far}};
  CHECK(any.wait({}));
}

TEST_CASE("a daemon that does not answer yet is asked again, and the line says why") {
  Play play{
      {CallResult{std::unexpected(CallError{.fault = CallFault::no_socket, .detail = "x", .parameters = {}})},
       near}};
  CHECK(play.wait({}));
  CHECK(play.lines.at(0).find("/socket") != std::string::npos);
}

TEST_CASE("waitsync takes up to four numbers") {
  const auto all = parse_waitsync({"5", "0.1", "0.5", "1"});
  REQUIRE(all);
  CHECK(all->max_tries == 5);
  CHECK(all->max_correction == 0.1);
  CHECK(all->max_skew == 0.5);
  CHECK(all->interval.count() == 1);
  CHECK(parse_waitsync({}));
  CHECK_FALSE(parse_waitsync({"x"}));
  CHECK_FALSE(parse_waitsync({"-1"}));
  CHECK_FALSE(parse_waitsync({"1", "2", "3", "4", "5"}));
}

TEST_CASE("the words for completion are the commands") {
  CHECK(commands().size() >= 20);
  for (const std::string_view name : {"waitsync", "smoothtime", "online"})
    CHECK(std::ranges::find(commands(), name, &Command::name) != commands().end());
}

TEST_CASE("commands and options tell what may follow them") {
  const auto arguments = [](const auto& words, std::string_view name) -> std::string {
    const auto found = std::ranges::find_if(words, [&](const auto& word) { return word.name == name; });
    REQUIRE(found != words.end());
    return found->arguments;
  };
  CHECK(arguments(commands(), "sources") == "[-a] [-v]");
  CHECK(arguments(commands(), "sourcename") == "ADDRESS");
  CHECK(arguments(commands(), "ntpdata") == "[SOURCE]");
  CHECK(arguments(commands(), "dfreq") == "PPM");
  CHECK(arguments(commands(), "smoothtime") == "activate|reset");
  CHECK(arguments(commands(), "burst") == "GOOD/MOST [MASK/ADDRESS|NAME]");
  CHECK(arguments(option_words(), "--socket") == "PATH");
  CHECK(arguments(option_words(), "-v, --version").empty());
}
