// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/sources/run_time_options.hpp"

#include <limits>

#include "config/parse.hpp"
#include "daemon/core/control/schema.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using config::Source;
using core::option_for;
using core::run_time_options;

namespace {

// Empty: it is one that the option can have.
std::string refusal(std::string_view name, double value) {
  const auto option = option_for(name, value);
  return option ? std::string{} : option.error().sentence;
}

Source with(std::string_view name, double value) {
  Source source;
  (*option_for(name, value))->set(source, value);
  return source;
}

}  // namespace

TEST_CASE("each option is set as its type is, within its limits") {
  CHECK(with("minpoll", -3).min_poll == base::PollExponent{-3});
  CHECK(with("maxpoll", 12).max_poll == base::PollExponent{12});
  CHECK(with("maxdelay", 0.25).max_delay == base::Seconds{0.25});
  CHECK(with("maxdelayratio", 2.5).max_delay_ratio == 2.5);
  CHECK(with("maxdelaydevratio", 3.5).max_delay_dev_ratio == 3.5);
  CHECK(with("minstratum", 16).min_stratum == base::Stratum{16});
  CHECK(with("offset", -1.5).offset == base::Seconds{-1.5});
  CHECK(with("polltarget", 60).poll_target == 60);
}

TEST_CASE("what an option cannot be is said with its limits") {
  CHECK(refusal("minpoll", 25) == "minpoll must be a whole number, -7 to 24");
  CHECK(refusal("minpoll", 6.5) == "minpoll must be a whole number, -7 to 24");
  CHECK(refusal("maxdelay", -1) == "maxdelay must be 0 to 1000");
  CHECK(refusal("offset", 2e10) == "offset must be -10000000000 to 10000000000");
  CHECK_FALSE(refusal("maxdelayratio", std::numeric_limits<double>::quiet_NaN()).empty());
  CHECK(refusal("port", 1) == "'port' cannot be changed while the daemon runs");
}

TEST_CASE("both ends are allowed, and a configuration could have them") {
  for (const auto& option : run_time_options())
    for (const double end : {option.least, option.most}) {
      CAPTURE(option.name, end);
      Source source;
      source.min_poll = {-7};
      source.max_poll = {24};
      REQUIRE(option_for(option.name, end));
      option.set(source, end);
      auto as_configured = source;
      config::bring_into_range(as_configured);
      CHECK(as_configured == source);
    }
}

TEST_CASE("the interface description names each of them") {
  for (const auto& option : run_time_options())
    CHECK(core::control::control_description.contains(option.name));
}

TEST_CASE("what differs is taken, and what a command has changed since stays") {
  const Source before;
  Source now = before;
  now.max_delay = base::Seconds{1};
  now.prefer = true;
  Source in_use = before;
  in_use.poll_target = 99;
  core::take_options(in_use, before, now);
  CHECK(in_use.max_delay == base::Seconds{1});
  CHECK(in_use.prefer);
  CHECK(in_use.poll_target == 99);
}

TEST_CASE("every option of these can be taken, and no other") {
  const Source before;
  for (const auto& option : run_time_options()) {
    Source now = before;
    option.set(now, option.least);
    CHECK(core::can_take(before, now));
  }
  for (const auto& option : core::select_options<Source>) {
    Source now = before;
    now.*option.member = true;
    CHECK(core::can_take(before, now));
  }
  Source now = before;
  now.version = 3;
  CHECK_FALSE(core::can_take(before, now));
}

TEST_CASE("selection options of servers and reference clocks are changed by the same words") {
  const auto server = core::with_select_options(Source{}, {"+prefer", "+trust", "-trust", "+noselect"});
  REQUIRE(server);
  CHECK((server->prefer && !server->trust && server->no_select && !server->require));
  const auto clock = core::with_select_options(config::RefClock{}, {"+require"});
  REQUIRE(clock);
  CHECK(clock->require);
  for (const auto* word : {"prefer", "+", "", "+offline"})
    CHECK_FALSE(core::with_select_options(Source{}, {word}));
}
